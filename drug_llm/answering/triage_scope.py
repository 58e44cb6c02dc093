"""Questions that no drug label settles: personal decisions, comparisons, prescriptions, animals, other subjects."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drug_llm.answering.triage_words import Clause

_CAN_BE_ASKED = (
    "What can be asked is what a label says about a medicine: its uses, doses, side effects, interactions, warnings, "
    "storage, and use in pregnancy, children, older people, or kidney and liver disease."
)
_ADVICE = {
    "decision": "That is a decision for you and your doctor or pharmacist; a drug label does not make it. Do not stop or "
    f"change a prescribed medicine without asking them. {_CAN_BE_ASKED}",
    "comparison": "A drug label does not say which of two medicines is better, stronger or safer for somebody; a doctor or "
    f"pharmacist can. {_CAN_BE_ASKED}",
    "diagnosis": f"A drug label cannot tell what somebody has; a doctor can. {_CAN_BE_ASKED}",
    "service": f"Prescriptions, prices, appointments and where to get a medicine are not on a drug label. {_CAN_BE_ASKED}",
    "animal": "The labels here are for people, and doses and dangers differ in animals. Ask a veterinarian.",
    "other_subject": f"That is not about medicines, so no drug label answers it. {_CAN_BE_ASKED}",
}  # fmt: skip

_WE = r"(?:i|we|he|she|they|my \w+|our \w+|his \w+|her \w+)"
_CHANGE = r"(?:stop|quit|skip|halve|double|increase|raise|up|lower|reduce|decrease|cut|change|adjust|start|begin|switch|come off|go off|get off|wean off|go on|go back|be on|discontinue|pause|continue|keep(?! (?:off|away|clear|out|testing|checking|watching|monitoring|measuring)\b)|stay on|drop|resume|restart)"
_DRUG_KIND = r"(?:drugs?|medicines?|medications?|meds?|pills?|pain ?killers?|pain relievers?|antidepressants?|antibiotics?|statins?|treatments?|sleeping pills?|blood pressure|brands?|generics?|inhalers?|creams?|injections?|contraceptives?|birth control|vaccines?|supplements?|vitamins?|options?|antihistamines?|allergy \w+|(?:sleep|pain|cold|cough|blood pressure|anxiety|heartburn|allergy|diet|weight loss|ed) (?:drugs?|medicines?|medications?|meds?|pills?|aids?))"
_BETTER = r"(?:better|best|strongest|stronger|safer|safest|more effective|most effective|works? (?:better|best|faster)|faster|quicker|cheaper|gentler|superior|nicer|worse|more powerful)"
_KINDS: tuple[tuple[str, str], ...] = (
    (
        "decision",
        rf"(?<!when )(?<!how )(?<!why )(?<!long )(?<!often )\b(?:should|ought) {_WE} (?:to )?(?:just |really |now |maybe |still |ever |consider )*{_CHANGE}(?:ing)?\b(?! (?:\w+ ){{0,4}}(?:in the (?:fridge|refrigerator|bathroom|car)|refrigerated|upright|dry|at room))"
        rf"|^(?:\w+ ){{0,8}}should {_WE} (?:finish|agree|accept|refuse|let (?:him|her|them|my doctor)|allow|vaccinate|go ahead|say yes|say no|worry|be worried|trust|bother|ask for)\b|\b(?:thinking (?:about|of)|considering|planning on|planning to|tempted to) (?:going off|coming off|stopping|quitting|stop|quit|getting off|switching|dropping|starting)\b|\b(?:good|bad) idea ?$|\bcan (?:i|we) (?:just )?not take\b|\bshould {_WE} take (?:half|double|twice|more|less|extra|fewer)\b"
        rf"|(?<!when )(?<!how )\b(?:can|may|could) (?!we\b){_WE} (?:just |safely |now |simply )*(?:stop|quit|skip|come off|go off|get off|double|halve(?! (?:the|an?|this|these|each|1) (?:\w+ ){{0,4}}?(?:tablets?|pills?|caplets?)\b)|raise|increase|lower|reduce|change|cut (?:back|down|my dose|my \w+ in (?:half|2) on my own))\b"
        rf"|(?<!when )\b(?:is it|would it be|it is) (?:ok|okay|safe|fine|alright|all right|time|bad|wise|smart) (?:for me |if i )?(?:to )?(?:just )?(?:stop|quit|skip|come off|go off|change|switch|increase|lower|halve|double)\b(?! (?:sharing|driving|drinking|smoking))"
        r"|\b(?:i|my \w+) (?:want|would like|plan|am thinking|was thinking|am going) (?:to |of |about )?(?:stop|quit|stopping|quitting|coming off|come off|get off|switching|switch)\b(?=.*\b(?:should|ok|okay|can i|good idea|thoughts)\b)"
        rf"|\bdo {_WE} (?:still |really |even |actually )?(?:have|need) to (?:still |really )?(?:keep|continue|stay|take (?:this|these|it|my \w+|\w+)(?= ?(?:\?|$|any|forever|for the rest|now)))"
        rf"|\bdo {_WE} (?:really|still|even|actually) need (?!condoms|contracept|birth control|blood (?:test|work)|lab|tests?)(?:to (?:take|keep|be|stay)|this|it|these|them|my \w+|\w+ ?$|{_DRUG_KIND})\b|(?<!dose )(?<!dosage )\bdo (?:you|u) (?:think|recommend|suggest|advise)\b|\b(?:what|which) (?:do|would|should) (?:you|u) (?:recommend|suggest|advise|take|choose|pick)\b|\bwould you (?:take|use|recommend|suggest|advise|choose)\b|\b(?:what is|in) your opinion\b"
        rf"|\bis (?:it |this |my (?:dose|doctor|medicine|medication)|\w+) (?:\w+ )?(?:right|a good idea|worth it|good|appropriate|suitable) for (?:me|my \w+|us)\b(?! to take (?:with|before|after))|\bis my (?:doctor|pharmacist|psychiatrist|nurse) (?:wrong|right|correct|crazy|overreacting)\b|\b(?:trust|believe|listen to) my (?:doctor|pharmacist|psychiatrist)\b"
        rf"|\bshould {_WE} (?:put|have|be (?:on|put|taking)|get) (?:my \w+ |him |her |the |an? )?(?:\w+ )?(?:on |surgery|operation|flu shot|\w+ shot|vaccin\w+|shot|transplant)|\bshould {_WE} (?:be )?on \w+ ?$"
        rf"|^(?:so |ok |please |hi )*should {_WE} (?:start |be |go on |try |begin )*(?:take|taking|use|using|try|get|trying|start)(?: the| a| an| my| some)? (?!it\b|the last|the first|\d)[a-z'-]+(?: \w+)? ?$"
        rf"|\bshould {_WE} (?:take|use|choose|pick|try|go with) (?!.*\b(?:morning|night|evening|bedtime|food|empty|before|after|breakfast|dinner|lunch|once|twice|\d|milk|water|daily|every|with|whole|crush\w*|chew\w*)\b)[\w' -]{{2,40}} or \w+"
        rf"|\bdo {_WE} need (?:an? )?(?:antibiotics?|medicines?|medications?|statins?|surgery|insulin|antidepressants?|painkillers|steroids|vaccines?|pills?)\b(?! (?:with|before|if))|\bwhat is a good {_DRUG_KIND}|\b(?:recommend|suggest) (?:me )?(?:an? |some )?(?:good )?{_DRUG_KIND}"
        rf"|\b(?:what|which)(?: \w+)? {_DRUG_KIND} (?:should|can|do|shall|would|must) {_WE} (?:take|use|choose|pick|try|get|ask)\b|\bwhat (?:should|can|could) {_WE} (?:take|use) (?:for|to (?:help|treat|cure|get))\b|\bwhich (?:one )?should {_WE} (?:take|choose|pick|use|try|get)\b|\bwhich (?:pill|drug|medicine) (?:should|do)\b|^(?:and |so |but )?(?:should|ought) (?:i|we|he|she|they)(?: or (?:should (?:i|we) )?not)? ?$|(?<!when )\bis it time to (?:change|stop|switch|quit)\b"
        rf"|^(?:so |ok |please |hi )*is it (?:time|ok|okay|safe) for {_WE} to (?:get|come|go|wean) off\b|\bshould {_WE} (?:go up|go down|step up|back off|move up) (?:on|in)\b|\bwould it be (?:good|better|wise|best|smart|ok|okay) (?:for me |if i )?(?:to )?{_CHANGE}\b|\bshould i ?$|^should {_WE} (?:start |be )?(?:take|taking) (?:the|this|these|an?|my) [\w' -]{{2,30}} (?:my|the|his|her) (?:\w+ )?(?:doctor|dentist|dr|pharmacist|gp|psychiatrist|nurse|vet) (?:\w+ )?(?:gave|prescribed|ordered|wants|suggested|recommended)",
    ),
    (
        "comparison",
        rf"\bwhich (?!(?:muscle|site|spot|part|arm|thigh|vein|position|towel|cloth|needle|syringe|fluid|diluent|meal|juice|month|day)s?\b)(?:\w+ ){{0,4}}?(?:is|are|was|works?|one is|has|would be|do you think is)(?: (?:the|a|much|considered))* {_BETTER}\b(?! (?:way|time|place|storage|method|absorbed|taken|with|in the))|\bwhich (?:\w+ )?(?:works?|helps?) (?:better|best|faster)\b|\bwhich is (?:the )?(?:better|best|strong\w+|safe\w+) \w+"
        rf"|(?<!respond )(?<!react )\b(?:better|stronger|safer|more effective|faster|cheaper|gentler|worse|more powerful|superior|milder|nicer) (?:than|to|for \w+ than) (?!placebo|vehicle|parent|the parent|sugar pill|\d|with|take|taken|use|using|wait|start|drink|swallow|just \d|before|after|usual|expected|normal)\w+"
        rf"|\b(?:what|which) (?:is|are) (?:the )?(?:very )?(?:best|strongest|safest|most effective|better|more effective|most powerful|cheapest|fastest)(?! (?:way|time|storage|place|site|dose|temperature|position|method))(?: \w+){{0,2}}?,? (?:{_DRUG_KIND}|for \w+)|\b(?:what|whats) is (?:more effective|better|stronger|safer)\b|\bwhich {_DRUG_KIND} is\b.*\b{_BETTER}\b"
        rf"|\bis \w+ or \w+ (?:\w+ )?{_BETTER}\b|^[\w-]{{4,}} (?:or|versus|vs\.?) (?!not|no|wait|without|skip|oral|iv|im|stop|continue)[\w-]{{4,}}$|\b(?:versus|vs\.?) .*\b{_BETTER}\b|\b{_BETTER}\b.* (?:versus|vs)\b|\bwork(?:s)? better (?:than|for me)\b|\bcompare (?!with\b)\w+ (?:and|with|to|versus)\b|\bhow (?:does|do) \w+ compare\b|\bbetter or worse\b|\bbest {_DRUG_KIND}\b|\bwhich one (?:works|is|do)\b(?=.* or )"
        r"|\brank (?:the |these |all |my )?\w+|\bfrom (?:best to worst|strongest to weakest|safest to)",
    ),
    (
        "diagnosis",
        r"\b(?:can|could|will|would) you (?:please )?diagnose\b|\bdiagnose (?:me|my|this|what)\b|\bwhat (?:illness |disease |condition |sickness |infection )?do i have\b(?! to)|\bwhat (?:disease|illness|condition)s? (?:is|could|might|causes?|would|fits?|explains?)\b.*\b(?:my|these|this)\b|\bwhat (?:is|could be|might be) (?:wrong|the matter) with (?:me|my \w+|him|her)\b|^(?:so |please )?(?:do|does|did|might|could) (?:i|my \w+|he|she) have (?!to\b|an? (?:choice|option)|time|enough)(?:an? )?(?:\w+ ){0,2}\w+ ?$|\b(?:tell|know) (?:me )?if i (?:have|am having|got|am pregnant)\b|^why (?:does|do|is|are) my (?:\w+ )?(?:knee|back|head|neck|foot|feet|hip|shoulder|stomach|ear|tooth|hair|eye|elbow|ankle|leg|arm)s? (?:hurt\w*|ach\w+|sore|swollen|itch\w*|falling out|pain\w*) ?$|^am i (?:depressed|pregnant|sick|addicted|diabetic|bipolar|autistic|dying|infected|contagious|an? addict)\b|\bis (?:this|my) (?:\w+ )?(?:rash|lump|mole|bump|sore|cancer\w*|infection) (?:cancer|infected|serious|contagious)\b|\binterpret my\b|\bread my (?:x-?ray|mri|labs?|blood ?work|results)\b"
        r"|\bi have an? (?:\w+ ){0,2}(?:lump|bump|rash|mole|sore|spot|pain|growth|swelling|cyst)\b.*\bwhat (?:is|could|can) (?:it|this|that)\b|\bis (?:this|it|that|my) (?:\w+ )?(?:rash|bump|lump|spot|mole|bite|sore|cough|pain)? ?(?:ringworm|shingles|herpes|eczema|psoriasis|scabies|cancer|covid|strep|an? std|chickenpox|hives)\b|\bwhy (?:does|do|is|are) my (?:\w+ )?(?:stomach|head|back|knee|foot|feet|throat|ear|eye|skin|hand|leg|arm|chest|tooth|teeth|hair|neck)s? (?:hurt\w*|ach\w+|burn\w*|itch\w*|swell\w*)(?: (?:every|all|in|at|when|so|a lot|really)\b[^.?]*)?$|\bcould i (?:be pregnant|have)\b|\btell me what (?:i have|is wrong)\b|\blook at my (?:lab|labs|results|test|x-?ray|mri|blood ?work)",
    ),
    (
        "service",
        r"\bprescribe (?:me|my|us|him|her)\b|\b(?:(?:write|give|get|send) (?:me|us)|(?<!do )i (?:need|want)) (?:an? |another |my |some )?(?:\w+ )?(?:prescription|script) (?:for|of)\b(?! strength)|\b(?:can|could|will|please) (?:you )?(?:please )?(?:send (?:in )?(?:an? )?|call in (?:an? )?)?refill\b|\b(?:pass|beat|cheat) an? drug test\b|\bstreet (?:value|price)\b|\b(?:buy|get|order) \w+ cheap\w*\b|\bget me (?:some|a|an|more)\b|(?<!who )\b(?:get|buy|order|score|find|obtain|purchase) (?:\w+ ){1,2}(?:without (?:a )?(?:prescription|script)|off the street|online|illegally|on the street|cheap\w*)\b|\bhow (?:do|can|to|could) (?:i |you |we )?(?:get|make) (?:high|meth|crack|lsd)\b|\bwant to get high\b|\bcook(?:ing)? meth\b|\bwhere (?:can|do|could) (?:i|you|we) (?:buy|get|order|find) (?!the (?:label|lot|expir|package|list|leaflet|information|dose))|\b(?:make|convince|get|persuade) my doctor (?:to |into )?(?:prescrib\w+|giv\w+)\b|\bmake my doctor\b"
        r"|\b(?:book|schedule|make|cancel) (?:me |us )?(?:an? |my )?appointment\b|\bhow much (?:does|do|is|are|will|would) (?:\w+ ){1,3}(?:cost|at (?:walmart|cvs|costco))\b|\b(?:price|cost|copay|coupon|discount) (?:of|for|on)\b|\b(?:insurance|medicare|medicaid|blue cross) (?:\w+ )?(?:cover|pay|approve)\w*\b|\bcovered by (?:my )?(?:insurance|medicare|medicaid)\b|\bcan you get me\b|\bhow much (?:is|are) \w+ (?:without|with|at|a month)\b|\bcan i (?:sell|share) my\b"
        r"|\bi (?:need|want|would like) (?:an? |my )?(?:refill|prescription|script)\b|\bhow (?:do|to|can|could) i? ?(?:fake|lie about|trick)\b|\b(?:fake|faking) (?:\w+ ){0,3}(?:adhd|symptoms|pain|prescription)\b|\b(?:what|which) (?:pharmac\w+|store|drugstore)s? (?:\w+ ){0,3}?(?:has|have|carr\w+|sell\w*|stock)\b",
    ),
    (
        "animal",
        r"\b(?:my|our|the|a|for|give|can|do|are|is) (?:\w+ )?(?:dogs?|cats?|puppy|puppies|kittens?|pets?|horses?|rabbits?|hamsters?|ferrets?) (?:\w+ ){0,2}?(?:have|take|eat|get|use|ibuprofen|be given)|\b(?:dose|dosage|dosing|how much|give|safe) (?:\w+ ){0,4}?(?:for|to|in) (?:my |a |an |the )?(?:\w+ )?(?:dogs?|cats?|puppy|puppies|kittens?|pets?|horses?|rabbits?|hamsters?|ferrets?|animals?)\b|\b(?:dogs?|cats?) (?:dose|dosage)\b|\b(?:lb|pound|kg) (?:\w+ )?(?:dog|cat|puppy|kitten)\b|\bgive (?:my|our|the|a) (?:\w+ )?(?:dog|cat|puppy|kitten|pet|horse|rabbit|hamster|ferret)\b",
    ),
)  # fmt: skip
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
# A label does speak of these: withdrawal, missed doses, stopping before a procedure or when something happens.
_LABEL_SPEAKS = re.compile(
    r"\b(?:suddenly|abrupt\w*|cold turkey|all at once|taper\w*|gradual\w*|before (?:surgery|an? |my |the |having|getting|dental|becoming)|pregnan\w+|breast ?-?feed\w*"
    r"|according to|per (?:the )?label|label|package insert|ask (?:a|my) doctor|call (?:a|my) doctor|double up|directions|label says?|what (?:does|do) the (?:label|leaflet)|stop (?:eating|drinking|smoking|driving|exercising|wearing|using (?:soap|sunscreen|contacts))|kidney|renal|liver|hepatic)\b"
    # Where a thing is kept or put is storage or use, whoever asks: "where should I keep the pellets".
    r"|\bhow (?:many|long|soon)(?: (?!should\b)\w+){0,3} (?:ahead|before|prior|after)\b|\bhow much(?: (?!should\b)[\w-]+){1,5} should (?:\w+ ){1,2}(?:start|begin) (?:with|on|at)\b"
    r"|\b(?:where|(?:what|which) (?:temperature|shelf|part|place|spot|site|container|drawer))\b(?: (?!should\b)\w+){0,5} should\b"
    r"|\bkeep (?!taking|using|giving|on\b)(?:\w+ ){1,5}?(?:in|inside|out of|away from|on|at) (?:\w+ ){0,3}(?:bottles?|blisters?|packs?|packets?|packag\w+|box|carton|pouch|foil|container"
    r"|case|fridge|refrigerator|freezer|light|sunlight|sun|dark|reach|cabinet|cupboard|drawer|shelf|car|bag|purse|pocket|bathroom|kitchen|windowsill|room temperature)\b"
)
# What a trial compared with nothing is told in the label.
_IN_TRIAL = re.compile(
    r"\b(?:placebos?|vehicle|sugar pills?|dummy (?:pills?|treatment)|sham|untreated|no treatment)\b|\bin (?:the|a|an|its|clinical|\w+'s) (?:[\w-]+ ){0,3}(?:trials?|studies|study)\b"
)
# A pet that takes something too, beside the person who is asked about.
_PET_TAKES = re.compile(r"\b(?:dog|cat|puppy|kitten|pet|horse) (?:\w+ )?(?:takes|took|gets|got|uses|eats|has)\b")
_OF_PEOPLE = re.compile(
    r"\b(?:for|in|do) (?:adults?|people|humans?|persons?)\b|\b(?:i am|am i|so am i|i take|i do (?:as well|too)|me too|adult dose|can i|may i|should i|my own) ?\b|\bhuman labels?\b"
)
# How those fared who were studied is told too, whatever the one who asks is thinking of.
_IN_STUDY = re.compile(r"\bin the (?:[\w-]+ ){0,3}(?:study|studies|trials?)\b")
_MISSED_DOSE = re.compile(r"\b(?:miss|missed|missing|forgot|forget|skipped)\b")
_ON_CONDITION = re.compile(
    r"\b(?:if|when|while) (?:i|he|she|my \w+|we|they) (?:\w+ )?(?:get|gets|have|has|develop\w*|notice|feel|feels|am|is|become|becomes|see|vomit|start|drink)\b"
)

_TASK = re.compile(
    r"^(?:please |can you |could you |would you |i need you to |help me |hey |hi |hello |now )*(?:to )?(?:write|compose|draft|make|create|generate|tell|sing|code|rhyme|recite)(?: me| us| up)? (?:an? |the |some |my |another )?(?:\w+ ){0,3}?(?:poems?|haikus?|limericks?|songs?|lyrics|stor(?:y|ies)|novels?|essays?|jokes?|riddles?|cover letter|resume|cv|speech|blog|tweets?|emails?|quer(?:y|ies)|macros?|functions?|programs?|scripts?|code|class|website|app|game|contract|will|business plan|playlist|rap|screenplay|sonnet)\b(?! (?:for|of) (?:\w+ )?(?:prescription|refill))"
)
_OTHER = re.compile(
    r"\b(?:the|what|how is the|like the) weather\b|\bweather (?:today|tomorrow|like|in|forecast|this)\b|\bforecast\b|\b(?:rain|snow|sunny|cloudy)(?:ing)?\b(?= (?:today|tomorrow|this|on|in|tonight|outside|next)|$)|\bcapital (?:city )?of\b|\bpopulation of\b|\b(?:largest|biggest) (?:population|city)\b|\b(?:president|prime minister) of\b|\belections?\b|\bvot(?:e|ing)\b|\bpolitic\w*\b|\bworld (?:war|cup|series)\b|\bsuper bowl\b|\bolympics\b|\b\b(?:football|soccer|basketball|baseball) (?:score|game|match|team|player)s?\b"
    r"|\b(?:stocks?|(?<!what )(?<!which )shares|bitcoin|crypto(?:currenc\w+)?|ethereum|nasdaq|dow jones|mortgage|tax return|interest rates?)\b|\b(?:lawyer|attorney|lawsuit|sue|divorce|landlord|legal advice|tenant|visa application|immigration)\b|\b(?:recipes?|cook(?:ing)?|bake|baking(?! (?:soda|powder)\b)|sourdough|pancakes?|lasagna|restaurants?|pizza)\b|\b(?:movies?|netflix|tv shows?|actors?|actress|celebrit\w+|singer|album|lyrics|video games?|minecraft|chess)\b"
    r"|\b(?:javascript|python|java|c\+\+|html|css|sql|typescript|algorithm|debug|source code|regex|linux|windows \d+|wifi|wi-fi|router|laptop|iphone|android|excel formula|spreadsheet)\b|\btranslate\b|\bhow do you say\b|\b(?:quantum|physics|black holes?|astronomy|planets?|the moon|galaxy|geometry|algebra|calculus|equation|theorem|derivative of|square root)\b"
    r"|\b(?:what is|calculate|compute|solve) \d+ ?(?:[-+x*/]|times|plus|minus|divided by) ?\d+|\bsolve\b.*[=^]|\b(?:book (?:me )?an? (?:flight|hotel)|hotels? in|plan (?:an? |my |our )?(?:\w+ )?(?:trip|vacation)|trip to|tourist|itinerary)\b|\b(?:flat tire|oil change|(?:buy|fix|repair|sell|wash) (?:an? |my )?(?:used |new )?car|mechanic|motorcycle)\b|\b(?:homework|essay|hamlet|shakespeare|novel|painted|painter|mona lisa|composer|sculpt\w+|history of (?:rome|france|the world|england|china))\b|\bwho (?:won|wrote|invented|discovered|painted|directed|sang|is the (?:president|king|queen|ceo))\b|\bwhat time is it\b|\bwhat day is (?:it|today|tomorrow|easter|christmas)\b|\bfavou?rite\b|\bmeaning of life\b|\bhoroscope\b|\btrain (?:a|my|your) (?:dog|cat|puppy)\b|\b(?:tallest|largest country|mount everest|longest river|highest mountain)\b|\b(?:dinner|lunch) (?:tonight|ideas?)\b|\bcook for\b|\bplay (?:some|a|the)\b|\bsue (?:my|the|a|an)\b|\btell me a (?:joke|story|riddle)\b|\bare you (?:human|an? (?:ai|robot|bot)|alive|chatgpt)\b|\bcover letter\b|\bhow many (?:ounces|cups|feet|inches|grams|liters|miles|teaspoons|days|seconds|people|states|countries) (?:are |is )?(?:there )?in an? (?:cup|pint|gallon|mile|foot|pound|year|day|liter|kilometer|tablespoon|meter)\b|\bplot of\b|\b(?:score|standings) (?:of|for)\b|\b(?:lakers|yankees|nba|nfl|mlb|nhl|fifa)\b|\bexcel\b|\bname my (?:baby|dog|cat|son|daughter)\b|\blove letter\b|\bstock market\b|\bbuy(?:ing)? gold\b|\b\d+ ?(?:%|percent) of \d|^convert \d+ (?:miles|kilometers|km|feet|inches|celsius|fahrenheit|dollars|euros|ounces of|cups)\b|\b(?:girlfriend|boyfriend|wife|husband|crush) (?:broke up|dumped|cheated|left me)\b|\bteach me (?:to|how|about)\b|\bplay (?:guitar|piano)\b|\bdreams? (?:about|mean)\b|\bgardening\b|\bmow (?:the|my) lawn\b"
    r"|\bhow (?:do|to|can) (?:i )?(?:get|remove) (?:\w+ ){1,3}?(?:out of|off) (?:an? |the |my )?(?:carpet|shirt|clothes|couch|rug|table)\b|\b(?:french|american|russian|industrial) revolution\b|\bname my (?:new )?(?:kitten|cat|dog|puppy|baby|fish|boat|band)\b|\bmy car\b|\bapply for an? (?:visa|passport|job|loan)\b|\b(?:being|like) an? (?:ai|bot|robot)\b|\bfastest (?:animal|car|land|bird|fish)\b|\bbusiness ideas?\b|\b(?:lose|hide) my accent\b|\b(?:santa|god|aliens|bigfoot|ghosts) exist\b|\bdoes (?:santa|bigfoot|god)\b"
)
# Words that make a question one about medicines after all; the stems are those of the WHO's international names.
_MEDICAL = re.compile(
    r"\b(?:drugs?|medic\w+|meds?|pills?|tablets?|capsules?|dos(?:e|es|ing|age)|mg|mcg|labels?|side effects?|prescri\w+|pharmac\w+|doctor|patients?|insulin|inject\w*|vaccin\w*|allerg\w+|symptoms?|disease|tak(?:e|ing) (?:it|this|my)|antibiotics?|inhaler|ointment|overdos\w+|stor(?:ed?|age|ing)|interact\w*|pregnan\w+|blood pressure|diabet\w+|cancer|antiven\w+|used for|safe|effects?|venom)\b"
    r"|\b\w{2,}(?:pril|sartan|statin|olol|azole|cillin|mycin|micin|floxacin|formin|gliptin|gliflozin|glutide|mab|tinib|azepam|zolam|triptan|oxetine|prazole|dipine|cycline|cef\w+|profen|thiazide|semide|caine|codone|morphone|barbital|setron|vir|vudine|zosin|terol|sone|solone|parin|xaban|gabalin|gabapentin|pidem|clone|tidine|tadine|rizine|phylline|stigmine|curium|platin|rubicin|taxel)\b"
    r"|\bcef\w{4,}\b"
)


def out_of_scope(told: Sequence[Clause]) -> tuple[str, bool] | None:
    """Return what is said of a question that no label settles, and whether a label still says something on it.

    None for a question that is to be looked up. A question about another subject is told by its own words only: a
    sentence that may hold the name of a medicine is passed on.
    """
    told_in_label = any(_MISSED_DOSE.search(clause.text) or _IN_STUDY.search(clause.text) for clause in told)
    for clause in told:
        kind = next((kind for kind, pattern in _PATTERNS if pattern.search(clause.text)), None)
        if kind is None or (kind == "decision" and (told_in_label or _LABEL_SPEAKS.search(clause.text))):
            continue
        if kind == "comparison" and _IN_TRIAL.search(clause.text):
            continue
        if kind == "animal" and _PET_TAKES.search(clause.text) and any(_OF_PEOPLE.search(one.text) for one in told):
            continue
        return _ADVICE[kind], kind == "decision" and _ON_CONDITION.search(clause.text) is not None
    if told and (_TASK.match(told[0].text) or _other_subject(" . ".join(clause.text for clause in told))):
        return _ADVICE["other_subject"], False
    return None


def _other_subject(text: str) -> bool:
    return _OTHER.search(text) is not None and _MEDICAL.search(text) is None
