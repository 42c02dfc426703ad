"""The invented words that the sample company's customers and sellers are named with."""

_FIRST_WORDS = """
    Alder Amber Arden Aspen Aurora Basalt Beacon Birch Bluebell Bramble Brook Calder Canyon Cedar
    Cinder Clover Cobalt Copper Coral Crescent Dapple Delta Ember Evergreen Falcon Fennel Fern
    Flint Forge Garnet Ginger Glacier Granite Harbour Hazel Heron Hollow Indigo Ivory Jasper
    Juniper Kestrel Lantern Larch Laurel Linden Lumen Maple Marble Meadow Merlin Mistral Moss
    Nimbus Nutmeg Oak Onyx Opal Orchard Osprey Otter Pebble Pine Plover Quarry Quartz Raven Reed
    Ridge Rowan Saffron Sage Sierra Silver Slate Sorrel Sparrow Spruce Summit Tansy Teal Thistle
    Tidal Timber Topaz Umber Vale Velvet Verbena Walnut Willow Wren Yarrow Zephyr
"""
FIRST_WORDS = _FIRST_WORDS.split()

_SECOND_WORDS = """
    Analytics Bakery Bearings Biotech Brewing Ceramics Clinics Components Dairy Dental Drives
    Electric Energy Farms Filters Foods Freight Glass Instruments Labs Logistics Machining Marine
    Materials Mills Mobility Motors Networks Optics Packaging Paper Pharma Plastics Pumps Rail
    Robotics Seeds Sensors Software Steel Systems Textiles Tooling Turbines Valves Waterworks
"""
SECOND_WORDS = _SECOND_WORDS.split()

LEGAL_FORMS = ("", "", "", " Ltd", " Inc", " GmbH", " AB", " SA", " BV", " Group")

REGIONS = ("North", "South", "East", "West", "Iberia", "Nordics", "Alps", "Baltics", "Benelux")

INDUSTRIES = (
    "Chemicals",
    "Energy",
    "Food and drink",
    "Health",
    "Logistics",
    "Machinery",
    "Software",
    "Textiles",
)

COUNTRIES = ("AT", "BE", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "NL", "NO", "SE")

# Nobody's: example.com belongs to no one (RFC 2606).
SELLERS = (
    "ada.brandt@example.com",
    "ben.osei@example.com",
    "carla.nunes@example.com",
    "dmitri.holm@example.com",
    "emi.sato@example.com",
    "farid.lindgren@example.com",
)

PRODUCTS = (
    "Flow meters",
    "Level sensors",
    "Calibration service",
    "Pressure gauges",
    "Data loggers",
    "Spare parts",
    "Service contract",
    "Gas detectors",
)

# Spelled as people type: accents, commas, quotes, other alphabets, stray spaces.
ODD_NAMES = (
    "Müller & Söhne Dichtungen GmbH",
    "  Brightwater   Pumps ",
    "Ångström Optik AB",
    'Kestrel "The Valve" Works',
    "Pérez, Ibáñez y Cía., S.L.",
    "ŁÓDŹ MŁYNY SP. Z O.O.",
    "Ελιά Foods",
    "o'hara + daughters",
)

# Invented together: nobody is meant by any pair of them.
_FIRST_NAMES = """
    Alma Anselm Bea Bruno Cleo Cyril Dora Edgar Esra Fenja Gustav Hana Ilir Ines Jonas Kaja Leif
    Mira Nilo Oda Pavel Ronja Sami Tilda Yusuf Zoë
"""
FIRST_NAMES = _FIRST_NAMES.split()

_LAST_NAMES = """
    Abelsen Bergamot Calderwood Dunmore Eskola Farrow Grünfeld Hollis Ivarsen Jurado Kestner Lowell
    Marlowe Nygaard Okafor Pellerin Quist Rosewood Sandoval Thorne
"""
LAST_NAMES = _LAST_NAMES.split()

# Who does what there: the role that somebody of this title holds on an account.
JOBS = {
    "Head of purchasing": "decision_maker",
    "Managing director": "decision_maker;champion",
    "Plant manager": "influencer",
    "Calibration engineer": "user;technical",
    "Maintenance lead": "technical",
    "Accounts payable": "billing",
    "Assistant": "",
}

# Kind, whether both sides took part, subject and text.
HAPPENINGS = (
    ("call", "yes", "Asked about delivery", "Wants the next batch before the summer shutdown."),
    ("call", "no", "Not reached", "Left a message."),
    ("meeting", "", "Visit of the plant", "Saw line two; the old gauges are due for replacement."),
    ("meeting", "", "Quarterly review", "Content with the service, less so with the lead time."),
    ("email", "yes", "Offer", "Sent the offer, and answered two questions about the warranty."),
    ("email", "no", "New data sheet", "Sent the data sheet."),
)
