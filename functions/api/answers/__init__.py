"""What callers get: models that describe the answers in the API's document.

Nothing imports them at run time; the tests validate answers against the document.
"""

# ruff: noqa: F403

from api.answers.accounts import *
from api.answers.audit import *
from api.answers.base import *
from api.answers.erasures import *
from api.answers.fields import *
from api.answers.integrations import *
from api.answers.jobs import *
from api.answers.links import *
from api.answers.members import *
from api.answers.privacy_contacts import *
from api.answers.privacy_restore import *
from api.answers.records import *
from api.answers.stages import *
from api.answers.syncs import *
