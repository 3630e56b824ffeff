"""Templates reach nothing but their values, and can't hold the daemon up: attacks, each of which must fail at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from reinforce.domain.errors import ReinforceError
from reinforce.domain.nugget import Option, Question, QuestionKind
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues
from reinforce.shipped import shipped

OPTIONS = (Option("A", "You", True), Option("B", "Us", False))
QUESTION = Question(kind=QuestionKind.MULTIPLE_CHOICE, prompt="Who removes your lock?", options=OPTIONS)


def _render(folder: Path, template: str, **values: object) -> str:
    (folder / "posts").mkdir(exist_ok=True)
    (folder / "posts" / "reminder.j2").write_text(template, "utf-8")
    renderer = PostRenderer(shipped("templates") / "posts", folder / "posts")
    return renderer.render(PostForm.REMINDER, PostValues(text="Bleed the line.", question=QUESTION, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__'] }}",
        "{{ ''|attr('__class__') }}",
        "{{ text.__init__.__globals__ }}",
        "{{ say.func }}",
        "{{ say.func.__globals__ }}",
        "{{ say.__call__.__globals__['os'] }}",
        "{{ count.args }}",
        "{{ question.__dict__ }}",
        "{{ question.__class__.__init__.__globals__ }}",
        "{{ question['__class__'] }}",
        "{{ question|attr('__reduce__') }}",
        "{{ [question]|map(attribute='__class__')|first }}",
        "{{ [question]|map(attribute='options.__class__')|first }}",
        "{{ [question]|selectattr('__class__')|list }}",
        "{{ (question.options|sort(attribute='__class__'))|list }}",
        "{{ '{0.__class__}'.format(question) }}",
        "{{ '{0.__class__.__init__.__globals__}'|format(question) }}",
        "{{ '%s'|format(question) }}",
        "{{ '%(x)s' % {'x': question} }}",
        "{{ self._TemplateReference__context }}",
        "{{ self.__init__ }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ joiner }}{{ namespace }}",
        "{{ config }}{{ request }}{{ environ }}",
        "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
        "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{{ m.__init__ }}",
        "{% include '../../../../../../../../etc/passwd' %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}{{ os.system }}",
        "{% extends '/etc/hostname' %}",
        "{{ text.encode('utf-8') }}",
        "{{ 1 .to_bytes(100000000, 'big') }}",
    ],
)
def test_nothing_is_reached_but_the_values(tmp_path: Path, template: str) -> None:
    with pytest.raises(ReinforceError) as caught:
        _render(tmp_path, template)
    assert "template reminder.j2" in str(caught.value)
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{% for x in range(1000000000) %}x{% endfor %}",
        "{% for a in range(99) %}{% for b in range(99) %}{% for c in range(99) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in 'x' * 20000 %}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 1000000000 * 'x' }}",
        "{{ ('x' * 1000) * 1000 }}",
        "{{ ([1] * 100000000)|length }}",
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x'.center(1000000000) }}",
        "{{ 'x'.zfill(1000000000) }}",
        "{{ '\t'.expandtabs(1000000000) }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 'x'|indent(1000000000, true) }}",
        "{{ [1]|batch(1000000000, 'x')|list }}",
        "{{ [1]|slice(1000000000)|list }}",
        "{{ lipsum(n=1000000) }}",
        "{{ ('x' * 15000)|replace('x', 'y' * 15000) }}",
        "{% set a = 'x' * 100 %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
        "{% set a = 'x' * 100 %}" + "{% set a = a + a %}" * 40 + "{{ a }}",
        "{% set a = 9999999 %}" + "{% set a = a * a %}" * 40 + "{{ a }}",
        "{% set a %}xxxxxxxxxx{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40 + "{{ a }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'reminder.j2' %}",
        "{% for x in [[1]] recursive %}{{ loop([x]) }}{% endfor %}",
    ],
)
def test_no_template_holds_the_daemon_up(tmp_path: Path, template: str) -> None:
    with pytest.raises(ReinforceError, match=r"template reminder\.j2"):
        _render(tmp_path, template)


def test_a_symbolic_link_leads_nowhere_but_to_templates(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "outside.txt").write_text("the key of the workspace")
    (tmp_path / "posts" / "linked.j2").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(ReinforceError):
        _render(tmp_path, "{% include 'linked.j2' %}")


def test_what_an_author_or_a_learner_wrote_is_never_a_template(tmp_path: Path) -> None:
    hostile = "{{ ''.__class__ }} {% for x in range(9) %}x{% endfor %} {0.__class__} %(x)s ${HOME}"
    assert _render(tmp_path, "{{ title }}", title=hostile) == hostile
    assert _render(tmp_path, "{{ say('source_step', step=step) }}", step=hostile).count("{0.__class__}") == 1


def test_what_templates_need_still_works(tmp_path: Path) -> None:
    template = (
        "{% for option in question.options %}{{ loop.index }}{{ option.key|lower }}{% if not loop.last %}, {% endif %}"
        "{% endfor %}{% set n = 2 * 3 + 1 %} {{ n }} {{ text.upper()[:5] ~ '!' }} {{ range(3)|join('-') }} "
        "{{ question.options|selectattr('correct')|map(attribute='key')|join(', ') }}"
    )
    assert _render(tmp_path, template) == "1a, 2b 7 BLEED! 0-1-2 A"
    assert _render(tmp_path, template) == _render(tmp_path, template), "what one post used up is another's again"
