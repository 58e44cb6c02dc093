#!/usr/bin/env bash
# Two nodes with four GPUs each: sbatch deploy/slurm.sh base_model=FOLDER_OR_HUB_NAME
#SBATCH --job-name=drug-llm
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=16
#SBATCH --time=04:00:00
# Sent before the time is up, so that the run saves and leaves; submitted again it goes on.
#SBATCH --signal=TERM@120
set -euo pipefail
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
srun .venv/bin/torchrun --nnodes "$SLURM_NNODES" --nproc-per-node 4 \
  --rdzv-id "$SLURM_JOB_ID" --rdzv-backend c10d --rdzv-endpoint "$first:29500" train.py "$@"
