"""Whatever is asked in whatever order, the registry does what a list of versions and a dict of ids would do."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sim.registry.core.records import decode
from sim.registry.registry import Registry
from tests.registry.asking import Asking, record

SUBJECTS = ("a", "b/ä", ":.x:a")
SCHEMAS = tuple(record(f"R{number}", x="int") for number in range(3))

subjects = st.sampled_from(SUBJECTS)
schemas = st.sampled_from(SCHEMAS)
numbers = st.integers(1, 4)


@dataclass
class Version:
    number: int
    schema: str
    is_deleted: bool = False


class AgainstAModel(RuleBasedStateMachine):
    """No levels here: what is compatible is the formats' matter."""

    def __init__(self) -> None:
        super().__init__()
        self.asking = Asking(Registry("NONE"))
        self.versions: dict[str, list[Version]] = {subject: [] for subject in SUBJECTS}
        self.ids: dict[tuple[bool, str], int] = {}
        self.highest = {True: 0, False: 0}

    def path(self, subject: str) -> str:
        return subject.replace("/", "%2F").replace("ä", "%C3%A4")

    def is_known(self, context: bool, schema: str) -> bool:
        return any(
            version.schema == schema
            for subject, versions in self.versions.items()
            if subject.startswith(":") == context
            for version in versions
        )

    @rule(subject=subjects, schema=schemas)
    def register(self, subject: str, schema: str) -> None:
        context, versions = subject.startswith(":"), self.versions[subject]
        alive = [one for one in versions if one.schema == schema and not one.is_deleted]
        if not alive:
            number = versions[-1].number + 1 if versions else 1
            if not self.is_known(context, schema):
                self.highest[context] += 1
                self.ids[context, schema] = self.highest[context]
            self.versions[subject] = [one for one in versions if one.schema != schema]
            self.versions[subject].append(Version(number, schema))
            alive = self.versions[subject]

        told = self.asking.done("POST", f"/subjects/{self.path(subject)}/versions", {"schema": schema})

        assert (told["id"], told["version"]) == (self.ids[context, schema], alive[-1].number)

    @rule(subject=subjects, number=numbers, permanent=st.booleans())
    def delete_version(self, subject: str, number: int, *, permanent: bool) -> None:
        versions = self.versions[subject]
        found = [one for one in versions if one.number == number]
        wanted = 0
        if not versions:
            wanted = 40401
        elif not found:
            wanted = 40402
        elif found[0].is_deleted and not permanent:
            wanted = 40406
        elif permanent and not found[0].is_deleted:
            wanted = 40407

        said = self.asking.ask(
            "DELETE", f"/subjects/{self.path(subject)}/versions/{number}?permanent={str(permanent).lower()}"
        )

        assert said.code == wanted, said
        if not wanted and permanent:
            versions.remove(found[0])
        elif not wanted:
            found[0].is_deleted = True

    @rule(subject=subjects, permanent=st.booleans())
    def delete_subject(self, subject: str, *, permanent: bool) -> None:
        versions = self.versions[subject]
        alive = [one for one in versions if not one.is_deleted]
        wanted = 0
        if not versions:
            wanted = 40401
        elif not permanent and not alive:
            wanted = 40404
        elif permanent and alive:
            wanted = 40405

        said = self.asking.ask("DELETE", f"/subjects/{self.path(subject)}?permanent={str(permanent).lower()}")

        assert said.code == wanted, said
        if not wanted:
            assert said.body == [one.number for one in (versions if permanent else alive)]
            if permanent:
                versions.clear()
            for one in versions:
                one.is_deleted = True

    @rule(subject=subjects, schema=schemas, deleted=st.booleans())
    def look_up(self, subject: str, schema: str, *, deleted: bool) -> None:
        versions = [one for one in self.versions[subject] if deleted or not one.is_deleted]
        found = [one for one in versions if one.schema == schema]

        said = self.asking.ask(
            "POST", f"/subjects/{self.path(subject)}?deleted={str(deleted).lower()}", {"schema": schema}
        )

        if found:
            assert said.body["version"] == found[-1].number
        elif subject != "a" or not any(one.schema == schema for one in self.versions[":.x:a"]):
            # A name without a context is looked for in every one.
            assert said.code == (40403 if versions else 40401)

    @rule()
    def begin_again(self) -> None:
        """Another registry reads the journal."""
        journal = self.asking.registry.journal
        self.asking = Asking(Registry("NONE"))
        for key, value in journal:
            self.asking.registry.state.take(decode(key, value))
        self.asking.registry.journal = journal

    @invariant()
    def versions_are_as_in_the_model(self) -> None:
        for subject in SUBJECTS:
            for query, deleted in (("", False), ("?deleted=true", True)):
                wanted = [one.number for one in self.versions[subject] if deleted or not one.is_deleted]
                said = self.asking.ask("GET", f"/subjects/{self.path(subject)}/versions{query}")
                assert said.body == wanted if wanted else said.code == 40401

    @invariant()
    def an_id_means_one_schema(self) -> None:
        for (context, schema), schema_id in self.ids.items():
            said = self.asking.ask("GET", f"/schemas/ids/{schema_id}{'?subject=:.x:' if context else ''}")
            if self.is_known(context, schema):
                assert said.body["schema"].replace(" ", "") == schema.replace(" ", "")


TestAgainstAModel = AgainstAModel.TestCase
TestAgainstAModel.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
