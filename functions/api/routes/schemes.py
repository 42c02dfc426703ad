"""The shipped scheme, as data."""

from api import render
from api.call import Answer, Call
from stageline.schemes import shipped


def get_scheme(_call: Call) -> Answer:
    return Answer(render.scheme(shipped()))
