"""Which right each route asks for. A route that is not here is nobody's: the gate turns everybody away, and a test of
the house fails."""

from __future__ import annotations

from collections.abc import Mapping

from reinforce.domain.access.rights import Right

# None: anybody, also before signing in.
ROUTES: Mapping[str, Right | None] = {
    "GET /static/{digest}/{name}": None,
    "GET /healthz": None,
    "GET /sign-in": None,
    "POST /sign-in": None,
    "GET /welcome": None,
    "POST /welcome": None,
    "GET /me": Right.OWN,
    "POST /me/password": Right.OWN,
    "POST /me/token": Right.OWN,
    "POST /me/revoke": Right.OWN,
    "POST /sign-out": Right.OWN,
    "POST /sign-out-everywhere": Right.OWN,
    "GET /api/v1/me": Right.OWN,
    "GET /": Right.LOOK,
    "GET /strip": Right.LOOK,
    "GET /search": Right.LOOK,
    "GET /cohorts": Right.LOOK,
    "GET /cohorts/{slug}": Right.LOOK,
    "GET /cohorts/{slug}/forecast": Right.LOOK,
    "GET /procedures": Right.LOOK,
    "GET /procedures/template.xlsx": Right.LOOK,
    "GET /procedures/{slug}": Right.LOOK,
    "GET /procedures/{slug}/file.yaml": Right.LOOK,
    "POST /procedures/look": Right.WRITE,
    "POST /procedures/load": Right.WRITE,
    "GET /procedures/draft/{key}": Right.WRITE,
    "GET /composer": Right.WRITE,
    "GET /composer/{procedure}": Right.WRITE,
    "POST /composer/{procedure}": Right.WRITE,
    "POST /composer-check/{procedure}": Right.WRITE,
    "GET /composer/{procedure}/{nugget}": Right.WRITE,
    "POST /composer/{procedure}/{nugget}": Right.WRITE,
    "POST /composer-check/{procedure}/{nugget}": Right.WRITE,
    "POST /composer/{procedure}/{nugget}/retire": Right.WRITE,
    "POST /composer/{procedure}/{nugget}/restore": Right.WRITE,
    "POST /composer/{procedure}/{nugget}/submit": Right.WRITE,
    "GET /approvals": Right.LOOK,
    "POST /approvals/decide": Right.APPROVE,
    "POST /approvals/submit": Right.WRITE,
    "GET /cohorts/{slug}/people": Right.LOOK,
    "GET /cohorts/{slug}/completions.csv": Right.PEOPLE,
    "POST /cohorts/{slug}/roster": Right.PEOPLE,
    "POST /cohorts/{slug}/enroll": Right.PEOPLE,
    "POST /cohorts/{slug}/undo-enroll": Right.PEOPLE,
    "POST /cohorts/{slug}/change": Right.PEOPLE,
    "POST /cohorts/{slug}/absence": Right.PEOPLE,
    "POST /cohorts/{slug}/back": Right.PEOPLE,
    "GET /cohorts/{slug}/dates": Right.LOOK,
    "POST /cohorts/{slug}/dates": Right.STEER,
    "POST /cohorts/{slug}/hold": Right.STEER,
    "POST /cohorts/{slug}/lift": Right.STEER,
    "POST /cohorts/{slug}/pause": Right.STEER,
    "POST /cohorts/{slug}/resume": Right.STEER,
    "GET /outbox": Right.LOOK,
    "GET /outbox/{post}": Right.LOOK,
    "POST /outbox/cancel": Right.STEER,
    "POST /outbox/{post}/cancel": Right.STEER,
    "POST /outbox/{post}/settle": Right.SETTLE,
    "GET /inbox": Right.NAMES,
    "GET /inbox/{reply}": Right.NAMES,
    "POST /inbox/{reply}/correct": Right.ANSWER,
    "POST /inbox/{reply}/done": Right.ANSWER,
    "POST /inbox/{reply}/undone": Right.ANSWER,
    "POST /inbox/{reply}/tip": Right.ANSWER,
    "POST /inbox/{reply}/tip/undo": Right.ANSWER,
    "GET /questions": Right.ANSWER,
    "GET /questions/{question}": Right.ANSWER,
    "POST /questions/{question}/check": Right.ANSWER,
    "POST /questions/{question}/answer": Right.ANSWER,
    "POST /questions/{question}/assign": Right.ANSWER,
    "POST /questions/{question}/close": Right.ANSWER,
    "POST /questions/{question}/reopen": Right.ANSWER,
    "POST /questions/{question}/nugget": Right.ANSWER,
    "GET /quizzes": Right.LOOK,
    "GET /quizzes/{quiz}": Right.LOOK,
    "POST /quizzes/upload": Right.ANSWER,
    "POST /quizzes/draw": Right.ANSWER,
    "POST /quizzes/{quiz}/start": Right.ANSWER,
    "POST /quizzes/{quiz}/close": Right.ANSWER,
    "POST /quizzes/{quiz}/cancel": Right.ANSWER,
    "GET /users": Right.USERS,
    "POST /users/add": Right.USERS,
    "GET /users/{number}": Right.USERS,
    "POST /users/{number}/role": Right.USERS,
    "POST /users/{number}/disable": Right.USERS,
    "POST /users/{number}/enable": Right.USERS,
    "POST /users/{number}/link": Right.USERS,
    "POST /users/{number}/token": Right.USERS,
    "POST /users/{number}/revoke": Right.USERS,
    "GET /audit": Right.AUDIT,
    "GET /audit.csv": Right.AUDIT,
    "POST /audit/verify": Right.AUDIT,
    "GET /recall": Right.LOOK,
    "GET /recall/{slug}/{nugget}/{who}": Right.LOOK,
    "GET /readyz": Right.WATCH,
    "GET /metrics": Right.WATCH,
    "GET /tour": Right.REHEARSE,
    "POST /tour/question": Right.REHEARSE,
    "POST /tour/answer": Right.REHEARSE,
    "POST /tour/stop": Right.REHEARSE,
    "POST /tour/crash": Right.REHEARSE,
    "POST /tour/paste": Right.REHEARSE,
    "POST /tour/seen": Right.REHEARSE,
    "POST /tour/again": Right.REHEARSE,
    "POST /tour/next": Right.REHEARSE,
    "POST /tour/pause": Right.REHEARSE,
    "POST /tour/go-on": Right.REHEARSE,
}
# What probes on this machine may read without a name, while nobody else can reach the console.
FOR_PROBES = frozenset({"GET /readyz", "GET /metrics"})
API = "/api/"
# Forms that carry files: only their bodies may be larger than a form's.
UPLOADS: tuple[str, ...] = ("/procedures/look", "/cohorts/{slug}/roster")


def takes_files(path: str) -> bool:
    """Whether an address is one of those in UPLOADS; `{name}` in them stands for one piece of a path."""
    asked = path.split("/")
    return any(
        len(asked) == len(there) and all(a == b or b.startswith("{") for a, b in zip(asked, there, strict=True))
        for there in (one.split("/") for one in UPLOADS)
    )
