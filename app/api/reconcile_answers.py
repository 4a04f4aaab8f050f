"""What clients of the Reconciliation Service API get: models for the documentation and for the tests."""

from __future__ import annotations

from pydantic import Field

from app.api.answers import Answer


class NamedOut(Answer):
    """An id and its name."""

    id: str
    name: str


class FeatureOut(Answer):
    """Why a candidate got its score; what it means stands at the manifest's `feature_view`."""

    id: str
    value: bool | float


class CandidateOut(Answer):
    """A concept that a query may mean."""

    id: str
    name: str
    description: str
    type: list[NamedOut]
    score: float = Field(ge=0, le=100)
    match: bool = Field(description="True where it is sure: at most for the first candidate")
    features: list[FeatureOut]


class ResultOut(Answer):
    """The candidates of a query, best first (0.2)."""

    result: list[CandidateOut]


class MatchedOut(Answer):
    """The candidates of a query, best first (draft)."""

    candidates: list[CandidateOut]


class MatchResponse(Answer):
    """One result for each query, in order."""

    results: list[MatchedOut]


class SuggestedOut(Answer):
    """A suggestion."""

    id: str
    name: str
    description: str
    notable: list[NamedOut] | None = Field(default=None, description="Entities: their types")


class SuggestResponse(Answer):
    """Suggestions, best first."""

    result: list[SuggestedOut]


class FlyoutResponse(Answer):
    """A few lines of HTML to show beside a suggestion."""

    id: str
    html: str


class CellOut(Answer):
    """A value of a property: one of these, or id and name."""

    str_: str | None = Field(default=None, alias="str")
    int_: int | None = Field(default=None, alias="int")
    id: str | None = None
    name: str | None = None


class ColumnOut(Answer):
    """A property that a table is extended with; `type` is of the concepts that are its values."""

    id: str
    name: str
    type: NamedOut | None = None


class ExtendedOut(Answer):
    """Values by id and property (0.2)."""

    meta: list[ColumnOut]
    rows: dict[str, dict[str, list[CellOut]]]


class ColumnCellsOut(Answer):
    """The values of one property of one concept."""

    id: str
    values: list[CellOut]


class RowOut(Answer):
    """The properties of one concept."""

    id: str
    properties: list[ColumnCellsOut]


class ExtendResponse(Answer):
    """Values in the order asked for (draft)."""

    meta: list[ColumnOut]
    rows: list[RowOut]


class ProposedOut(Answer):
    """A property that concepts of a type have."""

    id: str
    name: str
    description: str


class ProposeResponse(Answer):
    """The properties that a table of concepts of one type can be extended with."""

    type: str | None
    limit: int
    properties: list[ProposedOut]


class UrlOut(Answer):
    """An address with {{id}} in it."""

    url: str = Field(pattern=r"\{\{id\}\}")


class PreviewOut(UrlOut):
    """Where a page about a concept is, and how large it is made."""

    width: int
    height: int


class EndpointOut(Answer):
    """An address in two parts."""

    service_url: str
    service_path: str
    flyout_service_url: str | None = None
    flyout_service_path: str | None = None


class SuggestersOut(Answer):
    """What can be suggested."""

    entity: EndpointOut
    type: EndpointOut
    property: EndpointOut


class ChoiceOut(Answer):
    """One of the values of a setting."""

    value: str
    name: str


class SettingOut(Answer):
    """A setting of a property that a table is extended with."""

    name: str
    label: str
    type: str
    default: str | int
    help_text: str
    choices: list[ChoiceOut] | None = None


class ExtenderOut(Answer):
    """How a table is extended."""

    propose_properties: EndpointOut
    property_settings: list[SettingOut]


class ManifestOut(Answer):
    """What the service is and can do."""

    versions: list[str]
    name: str
    identifierSpace: str
    schemaSpace: str
    documentation: str
    serviceVersion: str
    defaultTypes: list[NamedOut]
    view: UrlOut
    feature_view: UrlOut
    preview: PreviewOut
    suggest: SuggestersOut
    extend: ExtenderOut
    batchSize: int
    standardizedScore: bool = Field(description="Draft: scores are from 0 to 100")
