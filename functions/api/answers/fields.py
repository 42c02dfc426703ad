"""Custom fields."""

from datetime import datetime

from pydantic import Field

from api.answers.base import Shown
from api.bodies import FieldType, Module
from api.body import Money


class CustomField(Shown):
    module: Module
    key: str
    name: str
    type: FieldType
    required: bool
    unique: bool
    default: bool | float | str | list[str] | Money | None
    options: list[str]
    personal: bool
    archived: bool = Field(description="Shown nowhere; its values are kept.")
    created_at: datetime
    updated_at: datetime
    rev: int


class CustomFields(Shown):
    items: list[CustomField]
