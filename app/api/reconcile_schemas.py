"""What clients of the Reconciliation Service API send.

Other clients than ours, of other versions than ours: members that are not known are let pass. A query of 0.2 (`query`,
`properties`) and one of the draft (`conditions`) are one model: the older form is the shorter one for the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError, ValidationError

from app.domain.errors import InvalidQuery
from app.pipeline.reconciliation.hints import Hint
from app.pipeline.reconciliation.reconcile import MOST_CANDIDATES, Query

BATCH_SIZE = 1000
"""Queries, or rows to extend, in one request; the manifest says so."""
_DEFAULT_LIMIT = 10


class Foreign(BaseModel):
    """Base of what is read from clients of the specification."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, allow_inf_nan=False)


def _in_one_sentence(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:  # instead of one error for each member of the union
        message = "Input should be a text, a number, a truth value, an object with an id, or a list of these"
        raise PydanticCustomError("property_value", message) from None


def _whole(value: Any) -> Any:
    """Return 3.0 as 3: to JSON Schema, and so to the specification, both are the same integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class EntityIn(Foreign):
    """A value that has been reconciled already."""

    id: str
    name: str | None = None


Scalar = str | bool | int | float | EntityIn
Values = Annotated[Scalar | list[Scalar], WrapValidator(_in_one_sentence)]


class PropertyIn(Foreign):
    """A hint (0.2): a property and its value in another column of the row."""

    pid: str
    v: Values


class ConditionIn(Foreign):
    """A condition (draft): the name or the id of what is looked for, or a property of it."""

    match_type: Literal["name", "id", "property"] = Field(alias="matchType")
    property_id: str = Field(default="", alias="propertyId", description="Where matchType is `property`")
    property_value: Values = Field(alias="propertyValue")
    required: bool = Field(default=False, description="What does not fit is no candidate")
    quantifier: Literal["any", "all", "none"] = Field(default="any", alias="matchQuantifier")
    qualifier: str | None = Field(default=None, alias="matchQualifier", description="None is offered here")


class QueryIn(Foreign):
    """One cell to reconcile."""

    query: str | None = Field(default=None, description="The cell's text", examples=["navy blue"])
    type: Annotated[str | list[str], WrapValidator(_in_one_sentence)] | None = Field(
        default=None, description="An attribute, `category` or `attribute`", examples=["color"]
    )
    type_strict: Literal["any", "all", "should"] = Field(
        default="any", description="`should`: other types too, but these first"
    )
    limit: Annotated[int, BeforeValidator(_whole)] = Field(
        default=_DEFAULT_LIMIT, ge=1, description=f"Candidates; {MOST_CANDIDATES} at most are given"
    )
    properties: list[PropertyIn] = Field(default_factory=list, fail_fast=True)
    conditions: list[ConditionIn] = Field(default_factory=list, fail_fast=True, description="The draft's form")

    def question(self, field: str, locale: str) -> Query:
        """Return the domain's query; ``field`` is where this one stood. InvalidQuery where nothing is looked for."""
        names = [(at, one) for at, one in enumerate(self.conditions) if one.match_type != "property"]
        for at, one in enumerate(self.conditions):
            if one.qualifier is not None:
                place = f"{field}.conditions[{at}].matchQualifier"
                raise InvalidQuery(f"there is no qualifier {one.qualifier[:80]!r}", field=place, hint="leave it out")
        if len(names) + (self.query is not None) != 1:
            hint = "send one `query`, or one condition whose matchType is `name` or `id`"
            raise InvalidQuery("a query looks for one name", field=f"{field}.query", hint=hint)
        if self.query is None:
            at, named = names[0]
            texts = _texts(named.property_value)
            if len(texts) != 1:
                raise InvalidQuery("a name is one text", field=f"{field}.conditions[{at}].propertyValue")
        return Query(
            text=self.query if self.query is not None else texts[0],
            by_id=self.query is None and named.match_type == "id",
            locale=locale,
            field=field,
            types=(self.type,) if isinstance(self.type, str) else tuple(self.type or ()),
            type_strict=self.type_strict,
            limit=min(self.limit, MOST_CANDIDATES),
            hints=tuple(self._hints(field)),
        )

    def _hints(self, field: str) -> Iterator[Hint]:
        for at, one in enumerate(self.properties):
            yield Hint(pid=one.pid, values=_texts(one.v), field=f"{field}.properties[{at}].pid")
        for at, condition in enumerate(self.conditions):
            if condition.match_type == "property":
                yield Hint(
                    pid=condition.property_id,
                    values=_texts(condition.property_value),
                    quantifier=condition.quantifier,
                    required=condition.required,
                    field=f"{field}.conditions[{at}].propertyId",
                )


class QueryBatch(RootModel[dict[str, QueryIn]]):
    """Queries by the client's own keys (0.2)."""


class MatchRequest(Foreign):
    """Queries in order (draft)."""

    queries: list[QueryIn] = Field(fail_fast=True, description=f"At most {BATCH_SIZE:,}")


class ExtendPropertyIn(Foreign):
    """A column to add; settings are those of the manifest."""

    id: str
    settings: dict[str, str | bool | int | float] = Field(default_factory=dict)


class ExtendRequest(Foreign):
    """Concepts, and what is wanted of each."""

    ids: list[str] = Field(fail_fast=True, description=f"At most {BATCH_SIZE:,}")
    properties: list[ExtendPropertyIn] = Field(fail_fast=True)


class QueriesForm(BaseModel):
    """The body of POST /reconcile: a form with one of these."""

    queries: str | None = Field(default=None, description="JSON: queries by keys of your own")
    extend: str | None = Field(default=None, description="JSON: `ids` and `properties`")


def _texts(value: Scalar | list[Scalar]) -> tuple[str, ...]:
    return tuple(_text(one) for one in (value if isinstance(value, list) else [value]))


def _text(value: Scalar) -> str:
    if isinstance(value, EntityIn):
        return value.id
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
