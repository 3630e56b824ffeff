"""Columns and constraints, nothing else, a file for each stretch of a nugget's way.

SQLModel tables skip validation: values are checked in content/ and domain/. Instants are UTC (`Instant`);
wall-clock values are local dates or texts beside a zone name. Remote ids (X's) are 64-bit. `state` columns hold the
values of the enums in domain/.

The lower-case names are the same tables for SQLAlchemy Core, which is what the aggregates of this room are written in:
about twice the throughput of mapped objects, and rows become frozen values at the door anyway.
"""

from reinforce.store.tables.access import (
    ApiTokenRow,
    KeptAnswerRow,
    MemberIdentityRow,
    MemberRoleRow,
    SessionRow,
    SignInAttemptRow,
    SignInLinkRow,
    SignInStartRow,
)
from reinforce.store.tables.accounts import (
    AccountRow,
    BreakerRow,
    BudgetRow,
    CredentialRow,
    CursorRow,
    RateWindowRow,
    ReadTallyRow,
)
from reinforce.store.tables.announcing import AnnouncementRow
from reinforce.store.tables.answering import FacilitatorRow, InquiryRow, NoticeRow, PassageRow
from reinforce.store.tables.authoring import (
    NuggetRevisionRow,
    NuggetRow,
    OptionRow,
    PrerequisiteRow,
    ProcedureRow,
    QuestionRow,
    WordingRow,
)
from reinforce.store.tables.base import Base, metadata
from reinforce.store.tables.courses import CourseApprovalRow, CoursePostRow, CourseRow, CourseThreadRow
from reinforce.store.tables.enrolling import (
    AbsenceRow,
    ColumnMapRow,
    EnrollmentGapRow,
    HoldRow,
    JoiningRow,
    JoinRequestRow,
    RosterImportRow,
)
from reinforce.store.tables.full_text import make_with
from reinforce.store.tables.gathering import (
    EventFeedRow,
    EventFollowUpRow,
    EventGapRow,
    EventPostRow,
    EventRow,
    IntroductionRow,
    IntroductionTagRow,
)
from reinforce.store.tables.listening import InboundRow, MemoryRow, ParametersRow, ReviewRow, SignalRow
from reinforce.store.tables.people import (
    CohortProcedureRow,
    CohortRow,
    ConsentRow,
    EnrollmentRow,
    InvitationRow,
    LearnerRow,
    RosterVersionRow,
    ScheduleRow,
)
from reinforce.store.tables.pictures import PictureRow, PictureUploadRow
from reinforce.store.tables.polling import PollRow
from reinforce.store.tables.privacy import SuppressionRow, WishRow
from reinforce.store.tables.programmes import (
    CohortCadenceRow,
    ProgrammeItemRow,
    ProgrammePhaseRow,
    ProgrammeRow,
    ProgrammeRunRow,
)
from reinforce.store.tables.quizzing import (
    QuizAnswerRow,
    QuizMemberRow,
    QuizPostRow,
    QuizQuestionRow,
    QuizRow,
    QuizTeamRow,
)
from reinforce.store.tables.revising import MemoryResetRow, RecallPostRow, RecallRow
from reinforce.store.tables.sending import ApprovalRow, AttemptRow, DeletionRow, MemberRow, OutboxRow, QuietRow
from reinforce.store.tables.watch import AuditHeadRow, AuditRow, HeartbeatRow, LeaderRow, WorkspaceRow

absence = metadata.tables["absence"]
account = metadata.tables["account"]
announcement = metadata.tables["announcement"]
approval = metadata.tables["approval"]
member = metadata.tables["member"]
member_role = metadata.tables["member_role"]
session = metadata.tables["session"]
member_identity = metadata.tables["member_identity"]
sign_in_start = metadata.tables["sign_in_start"]
sign_in_link = metadata.tables["sign_in_link"]
sign_in_attempt = metadata.tables["sign_in_attempt"]
api_token = metadata.tables["api_token"]
attempt = metadata.tables["attempt"]
audit = metadata.tables["audit"]
audit_head = metadata.tables["audit_head"]
breaker = metadata.tables["breaker"]
budget = metadata.tables["budget"]
rate_window = metadata.tables["rate_window"]
read_tally = metadata.tables["read_tally"]
cohort = metadata.tables["cohort"]
cohort_cadence = metadata.tables["cohort_cadence"]
cohort_procedure = metadata.tables["cohort_procedure"]
consent = metadata.tables["consent"]
course = metadata.tables["course"]
course_approval = metadata.tables["course_approval"]
course_post = metadata.tables["course_post"]
course_thread = metadata.tables["course_thread"]
credential = metadata.tables["credential"]
cursor = metadata.tables["cursor"]
deletion = metadata.tables["deletion"]
enrollment = metadata.tables["enrollment"]
enrollment_gap = metadata.tables["enrollment_gap"]
hold = metadata.tables["hold"]
column_map = metadata.tables["column_map"]
roster_import = metadata.tables["roster_import"]
joining = metadata.tables["joining"]
kept_answer = metadata.tables["kept_answer"]
join_request = metadata.tables["join_request"]
event = metadata.tables["event"]
event_feed = metadata.tables["event_feed"]
event_follow_up = metadata.tables["event_follow_up"]
event_gap = metadata.tables["event_gap"]
event_post = metadata.tables["event_post"]
heartbeat = metadata.tables["heartbeat"]
facilitator = metadata.tables["facilitator"]
inquiry = metadata.tables["inquiry"]
notice = metadata.tables["notice"]
passage = metadata.tables["passage"]
inbound = metadata.tables["inbound"]
introduction = metadata.tables["introduction"]
introduction_tag = metadata.tables["introduction_tag"]
invitation = metadata.tables["invitation"]
leader = metadata.tables["leader"]
learner = metadata.tables["learner"]
memory = metadata.tables["memory"]
memory_reset = metadata.tables["memory_reset"]
nugget = metadata.tables["nugget"]
nugget_revision = metadata.tables["nugget_revision"]
option = metadata.tables["option"]
outbox = metadata.tables["outbox"]
parameters = metadata.tables["parameters"]
picture = metadata.tables["picture"]
picture_upload = metadata.tables["picture_upload"]
poll = metadata.tables["poll"]
programme = metadata.tables["programme"]
programme_item = metadata.tables["programme_item"]
programme_phase = metadata.tables["programme_phase"]
programme_run = metadata.tables["programme_run"]
prerequisite = metadata.tables["prerequisite"]
procedure = metadata.tables["procedure"]
question = metadata.tables["question"]
quiet = metadata.tables["quiet"]
quiz = metadata.tables["quiz"]
quiz_answer = metadata.tables["quiz_answer"]
quiz_member = metadata.tables["quiz_member"]
quiz_post = metadata.tables["quiz_post"]
quiz_question = metadata.tables["quiz_question"]
quiz_team = metadata.tables["quiz_team"]
recall = metadata.tables["recall"]
recall_post = metadata.tables["recall_post"]
review = metadata.tables["review"]
roster_version = metadata.tables["roster_version"]
schedule = metadata.tables["schedule"]
signal = metadata.tables["signal"]
suppression = metadata.tables["suppression"]
wish = metadata.tables["wish"]
wording = metadata.tables["wording"]
workspace = metadata.tables["workspace"]

make_with(passage)

__all__ = [
    "AbsenceRow",
    "AccountRow",
    "AnnouncementRow",
    "ApiTokenRow",
    "ApprovalRow",
    "AttemptRow",
    "AuditHeadRow",
    "AuditRow",
    "Base",
    "BreakerRow",
    "BudgetRow",
    "CohortCadenceRow",
    "CohortProcedureRow",
    "CohortRow",
    "ColumnMapRow",
    "ConsentRow",
    "CourseApprovalRow",
    "CoursePostRow",
    "CourseRow",
    "CourseThreadRow",
    "CredentialRow",
    "CursorRow",
    "DeletionRow",
    "EnrollmentGapRow",
    "EnrollmentRow",
    "EventFeedRow",
    "EventFollowUpRow",
    "EventGapRow",
    "EventPostRow",
    "EventRow",
    "FacilitatorRow",
    "HeartbeatRow",
    "HoldRow",
    "InboundRow",
    "InquiryRow",
    "IntroductionRow",
    "IntroductionTagRow",
    "InvitationRow",
    "JoinRequestRow",
    "JoiningRow",
    "KeptAnswerRow",
    "LeaderRow",
    "LearnerRow",
    "MemberIdentityRow",
    "MemberRoleRow",
    "MemberRow",
    "MemoryResetRow",
    "MemoryRow",
    "NoticeRow",
    "NuggetRevisionRow",
    "NuggetRow",
    "OptionRow",
    "OutboxRow",
    "ParametersRow",
    "PassageRow",
    "PictureRow",
    "PictureUploadRow",
    "PollRow",
    "PrerequisiteRow",
    "ProcedureRow",
    "ProgrammeItemRow",
    "ProgrammePhaseRow",
    "ProgrammeRow",
    "ProgrammeRunRow",
    "QuestionRow",
    "QuietRow",
    "QuizAnswerRow",
    "QuizMemberRow",
    "QuizPostRow",
    "QuizQuestionRow",
    "QuizRow",
    "QuizTeamRow",
    "RateWindowRow",
    "ReadTallyRow",
    "RecallPostRow",
    "RecallRow",
    "ReviewRow",
    "RosterImportRow",
    "RosterVersionRow",
    "ScheduleRow",
    "SessionRow",
    "SignInAttemptRow",
    "SignInLinkRow",
    "SignInStartRow",
    "SignalRow",
    "SuppressionRow",
    "WishRow",
    "WordingRow",
    "WorkspaceRow",
    "absence",
    "account",
    "announcement",
    "api_token",
    "approval",
    "attempt",
    "audit",
    "audit_head",
    "breaker",
    "budget",
    "cohort",
    "cohort_cadence",
    "cohort_procedure",
    "column_map",
    "consent",
    "course",
    "course_approval",
    "course_post",
    "course_thread",
    "credential",
    "cursor",
    "deletion",
    "enrollment",
    "enrollment_gap",
    "event",
    "event_feed",
    "event_follow_up",
    "event_gap",
    "event_post",
    "facilitator",
    "heartbeat",
    "hold",
    "inbound",
    "inquiry",
    "introduction",
    "introduction_tag",
    "invitation",
    "learner",
    "member",
    "member_identity",
    "member_role",
    "memory",
    "memory_reset",
    "metadata",
    "notice",
    "nugget",
    "nugget_revision",
    "option",
    "outbox",
    "parameters",
    "passage",
    "picture",
    "picture_upload",
    "poll",
    "prerequisite",
    "procedure",
    "programme",
    "programme_item",
    "programme_phase",
    "programme_run",
    "question",
    "quiet",
    "quiz",
    "quiz_answer",
    "quiz_member",
    "quiz_post",
    "quiz_question",
    "quiz_team",
    "rate_window",
    "read_tally",
    "recall",
    "recall_post",
    "review",
    "roster_import",
    "roster_version",
    "schedule",
    "session",
    "sign_in_attempt",
    "sign_in_link",
    "sign_in_start",
    "signal",
    "suppression",
    "wish",
    "wording",
    "workspace",
]
