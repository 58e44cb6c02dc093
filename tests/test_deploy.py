"""The job files are of the shape that their schedulers read."""

from __future__ import annotations

import re
import subprocess

import yaml

from tests.conftest import REPOSITORY

DEPLOY = REPOSITORY / "deploy"


def test_kubernetes_job_names_what_the_operator_needs() -> None:
    job = yaml.safe_load((DEPLOY / "pytorchjob.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v1", "PyTorchJob")
    for replica in ("Master", "Worker"):
        spec = job["spec"]["pytorchReplicaSpecs"][replica]
        pod = spec["template"]["spec"]
        container = pod["containers"][0]
        # The operator looks for a container of this name.
        assert container["name"] == "pytorch"
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
        assert spec["restartPolicy"] in ("OnFailure", "Always", "Never", "ExitCode")


def test_slurm_job_is_a_shell_script_with_directives_first() -> None:
    script = DEPLOY / "slurm.sh"
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
    lines = script.read_text().splitlines()
    first_command = next(number for number, line in enumerate(lines) if line and not line.startswith("#"))
    directives = [number for number, line in enumerate(lines) if re.match(r"#SBATCH --[a-z-]+=\S+$", line)]
    assert len(directives) == 7
    assert max(directives) < first_command
