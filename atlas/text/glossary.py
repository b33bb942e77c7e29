"""The Atlas's terms, each in one sentence, in the order of the alphabet, and how to find them."""

import re
from collections.abc import Iterator

GLOSSARY = {
    "At risk of digital exclusion": "Said of a ward where more residents have what often goes "
    "with being offline: low income, older age, disability, poor connection.",
    "Based on": "How many small areas a ward’s figures are added up from; the fewer there are, the "
    "less exact its figures.",
    "Best fit": "The rule that gives each small area to the one ward where most of its residents "
    "live.",
    "Combined authority": "Several councils that decide together about matters such as transport, "
    "often with a mayor; a law of 2026 calls it a strategic authority.",
    "Community library": "A library that a community group runs, with or without support from the "
    "council.",
    "Compared with": "The larger area, usually England, whose residents decide which wards count "
    "as high or low.",
    "Digital exclusion": "When a person cannot use the internet as and when they need it.",
    "Help": "A library or another place where people can go online and ask someone to show them "
    "how.",
    "Highest fifth": "The wards with most need that together hold one in five residents of the "
    "area compared with.",
    "Home connection": "The part of the risk score that counts homes where superfast or gigabit "
    "broadband is not available.",
    "Income deprived": "Living in a family with a low income that receives means-tested benefits "
    "or tax credits.",
    "Indices of Deprivation": "The government’s official measures of relative deprivation in small "
    "areas of England.",
    "Kind of need": "Which needs are highest in a ward: money and skills (affording and using the "
    "internet), age and health (getting online) or home connection.",
    "Measure": "One published figure of every ward, such as the share of residents aged 75 and "
    "over.",
    "MSOA": "An area of about 8,000 residents, made of whole small areas.",
    "Pocket": "A small area at high risk, whatever the average of its ward.",
    "Risk score": "How many in 100 residents live in wards at lower risk: 80 and over is the "
    "highest fifth.",
    "Small area or LSOA": "A neighbourhood of 1,000 to 3,000 people for which official figures are "
    "published.",
    "Superfast and gigabit broadband": "Lines that can bring at least 30 and at least 1,000 "
    "megabits a second.",
    "Support score": "A mark from 0 to 100 for the help within reach of a ward’s residents.",
    "Sure, fairly sure, could change": "Sure: at least 95% of the Atlas’s own tests keep the "
    "ward in the highest fifth; fairly sure: at least half; could change: fewer.",
    "Ward": "The area that elects councillors to a district, borough, city or unitary council.",
    "Weights and influence": "A weight is what a part is set to count in the risk score; its "
    "influence is what it comes to count.",
    "Within a mile": "At most one mile in a straight line; the way on foot is longer.",
}

# What stands for a term in a sentence, as a pattern; other terms stand there as they are named.
_SAID = {
    "At risk of digital exclusion": "(?:at )?risk of digital exclusion",
    "Based on": "based on(?=[.,;”])",
    "Combined authority": "(?:combined|strategic) authorit(?:y|ies)",
    "Community library": "community(?:-run)? librar(?:y|ies)",
    "Compared with": "compared with(?=[.,;”])",
    "Help": "(?<=of )help|(?<=from )help",
    "Income deprived": "income[- ]deprived",
    "Measure": "(?<!to )measures?",
    "Small area or LSOA": "small area or LSOA|small areas?|LSOAs?",
    "Superfast and gigabit broadband": "(?:superfast and gigabit|superfast|gigabit) broadband",
    "Sure, fairly sure, could change": "fairly sure|could change",
    "Ward": "wards?(?! lists?\\b)",
    "Weights and influence": "weights and influence|weights?|influence",
    "Within a mile": "within a mile|more than a mile",
}
_TERMS = dict(enumerate(GLOSSARY))
_ANY_TERM = re.compile(
    "|".join(f"(?P<t{at}>\\b(?:{_SAID.get(term, f'{term}s?')})\\b)" for at, term in _TERMS.items()),
    re.IGNORECASE,
)


def terms_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Find the glossary's terms in a text: where each begins and ends, and its name."""
    for found in _ANY_TERM.finditer(text):
        yield *found.span(), _TERMS[int(str(found.lastgroup)[1:])]
