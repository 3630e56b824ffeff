"""Timelines, mentions, search and look-ups: pages, ranges, fields and what may not be seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.clock import Clock
from reinforce.practice.config import Rules
from reinforce.practice.posting import NewPost, add_post
from reinforce.practice.running import PracticeThread
from reinforce.practice.storage import Storage

Ask = Callable[..., requests.Response]
Persons = Callable[..., Any]


def ids_of(answer: Any) -> list[str]:
    return [str(tweet.id) for tweet in answer.data or []]


@pytest.fixture
def thirteen(client: tweepy.Client) -> list[str]:
    """Ids of thirteen posts of the company, oldest first."""
    return [str(client.create_tweet(text=f"post {number}").data["id"]) for number in range(13)]


def test_a_timeline_is_read_page_by_page_newest_first(
    client: tweepy.Client, practice: PracticeThread, thirteen: list[str]
) -> None:
    user = practice.credentials["user_id"]
    pages = list(tweepy.Paginator(client.get_users_tweets, user, max_results=5, user_auth=True))
    assert [ids_of(page) for page in pages] == [thirteen[:7:-1], thirteen[7:2:-1], thirteen[2::-1]]
    metas = [page.meta for page in pages]
    assert [meta["result_count"] for meta in metas] == [5, 5, 3]
    assert (metas[0]["newest_id"], metas[0]["oldest_id"]) == (thirteen[12], thirteen[8])
    assert "previous_token" not in metas[0]
    assert "next_token" not in metas[2]
    back = client.get_users_tweets(user, max_results=5, user_auth=True, pagination_token=metas[2]["previous_token"])
    assert ids_of(back) == thirteen[7:2:-1]


def test_since_and_until_leave_their_ends_out(
    client: tweepy.Client, practice: PracticeThread, thirteen: list[str]
) -> None:
    user = practice.credentials["user_id"]
    between = client.get_users_tweets(user, user_auth=True, since_id=thirteen[3], until_id=thirteen[6])
    assert ids_of(between) == [thirteen[5], thirteen[4]]
    nothing = client.get_users_tweets(user, user_auth=True, since_id=thirteen[12])
    assert (nothing.data, nothing.meta) == (None, {"result_count": 0})


def test_a_timeline_can_be_asked_for_between_two_instants(
    client: tweepy.Client, practice: PracticeThread, clock: Clock
) -> None:
    user = practice.credentials["user_id"]
    client.create_tweet(text="at five to nine")
    clock.step_to(clock.now() + timedelta(hours=2))
    late = client.create_tweet(text="two hours later").data["id"]
    since = clock.now() - timedelta(hours=1)
    assert ids_of(client.get_users_tweets(user, user_auth=True, start_time=since)) == [late]


def test_replies_can_be_left_out_of_a_timeline(client: tweepy.Client, practice: PracticeThread) -> None:
    user = practice.credentials["user_id"]
    first = client.create_tweet(text="Step 1").data["id"]
    client.create_tweet(text="Step 2", in_reply_to_tweet_id=first)
    assert ids_of(client.get_users_tweets(user, user_auth=True, exclude=["replies", "retweets"])) == [first]


def test_only_the_last_800_mentions_can_be_read(
    client: tweepy.Client, practice: PracticeThread, person: Persons, clock: Clock
) -> None:
    kim = int(person().user_id)
    user = practice.credentials["user_id"]
    storage = Storage(practice.folder, clock)
    with storage.writing() as connection:
        for number in range(805):
            add_post(connection, storage, kim, NewPost(f"@acme_reinforce {number}", "page"), Rules())
    storage.close()
    pages = list(tweepy.Paginator(client.get_users_mentions, user, max_results=100, user_auth=True))
    texts = [tweet.text for page in pages for tweet in page.data]
    assert (len(texts), texts[0], texts[-1]) == (800, "@acme_reinforce 804", "@acme_reinforce 5")


def test_fields_come_only_when_asked_for(client: tweepy.Client, practice: PracticeThread, person: Persons) -> None:
    user = practice.credentials["user_id"]
    post = client.create_tweet(text="Which lock?").data["id"]
    kim = person()
    reply = kim.post("mine & yours", reply_to=post)
    plain = client.get_users_mentions(user, user_auth=True).data[0].data
    assert plain.keys() == {"id", "text", "edit_history_tweet_ids"}
    full = client.get_users_mentions(
        user,
        user_auth=True,
        tweet_fields=["author_id", "conversation_id", "created_at", "in_reply_to_user_id", "referenced_tweets",
                      "entities", "public_metrics", "display_text_range", "lang"],
        expansions=["author_id", "referenced_tweets.id"],
        user_fields=["created_at", "protected", "public_metrics"],
    )  # fmt: skip
    tweet = full.data[0].data
    assert tweet["text"] == "@acme_reinforce mine &amp; yours"
    assert tweet["author_id"] == kim.user_id
    assert tweet["conversation_id"] == post
    assert tweet["created_at"] == "2026-11-23T08:55:00.000Z"
    assert tweet["in_reply_to_user_id"] == user
    assert tweet["referenced_tweets"] == [{"type": "replied_to", "id": post}]
    assert tweet["display_text_range"] == [16, len(tweet["text"])]
    assert tweet["public_metrics"]["reply_count"] == 0
    assert [included.username for included in full.includes["users"]] == ["kim_r"]
    assert full.includes["users"][0].protected is False
    assert [str(included.id) for included in full.includes["tweets"]] == [post]
    assert reply == tweet["id"]


def test_the_newer_names_are_understood_and_answered(ask: Ask, client: tweepy.Client, practice: PracticeThread) -> None:
    first = client.create_tweet(text="Step 1").data["id"]
    client.create_tweet(text="Step 2", in_reply_to_tweet_id=first)
    user = practice.credentials["user_id"]
    fields = {"post.fields": "created_at,public_metrics", "expansions": "referenced_posts"}
    body = ask("GET", f"/2/users/{user}/tweets", **fields).json()
    assert body["data"][0]["referenced_posts"] == [{"type": "replied_to", "id": first}]
    assert body["data"][0]["edit_history_post_ids"] == [body["data"][0]["id"]]
    assert [post["id"] for post in body["includes"]["posts"]] == [first]
    practice.control("POST", "/rules", {"new_names": True})
    assert "edit_history_post_ids" in ask("GET", "/2/tweets", ids=first).json()["data"][0]


def test_private_counts_are_for_the_author_alone(client: tweepy.Client, person: Persons) -> None:
    own = client.create_tweet(text="Ours").data["id"]
    theirs = person().post("theirs")
    answer = client.get_tweets([own, theirs], tweet_fields=["non_public_metrics"], user_auth=True)
    assert [("non_public_metrics" in tweet.data) for tweet in answer.data] == [True, False]
    assert answer.errors[0]["type"].endswith("/not-authorized-for-field")


def test_a_look_up_names_what_is_missing_and_still_answers(client: tweepy.Client) -> None:
    own = client.create_tweet(text="Ours").data["id"]
    answer = client.get_tweets([own, "1234567890"], user_auth=True)
    assert ids_of(answer) == [own]
    (error,) = answer.errors
    assert (error["resource_id"], error["title"]) == ("1234567890", "Not Found Error")
    nothing = client.get_tweet("9" * 19, user_auth=True)
    assert nothing.data is None
    assert nothing.errors[0]["type"].endswith("/resource-not-found")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/2/users/{user}/tweets", {"max_results": "4"}),
        ("/2/users/{user}/tweets", {"max_results": "101"}),
        ("/2/users/{user}/mentions", {"max_results": "x"}),
        ("/2/users/{user}/mentions", {"since_id": "x"}),
        ("/2/users/{user}/mentions", {"pagination_token": "nonsense"}),
        ("/2/users/{user}/mentions", {"start_time": "yesterday"}),
        ("/2/users/{user}/mentions", {"tweet.fields": "unheard_of"}),
        ("/2/users/{user}/mentions", {"colour": "blue"}),
        ("/2/users/{user}/mentions", {"start_time": "2026-11-23T09:00:00Z", "end_time": "2026-11-23T08:00:00Z"}),
        ("/2/users/x1/mentions", {}),
        ("/2/tweets", {}),
        ("/2/tweets", {"ids": ",".join(str(number) for number in range(1, 102))}),
        ("/2/tweets", {"ids": "12345678901234567890"}),
        ("/2/tweets/search/recent", {}),
        ("/2/tweets/search/recent", {"query": "a", "max_results": "9"}),
        ("/2/tweets/search/recent", {"query": "x" * 513}),
        ("/2/tweets/search/recent", {"query": "point_radius:1"}),
        ("/2/tweets/search/recent", {"query": "(a OR b) c"}),
        ("/2/tweets/search/recent", {"query": "a OR"}),
    ],
)
def test_a_wrong_parameter_is_a_400_that_names_it(
    ask_standing: Ask, standing: PracticeThread, path: str, query: dict[str, str]
) -> None:
    answer = ask_standing("GET", path.format(user=standing.credentials["user_id"]), **query)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["title"], body["status"]) == ("Invalid Request", 400)
    assert body["errors"][0]["parameters"]


def test_search_finds_conversations_tags_people_and_words(client: tweepy.Client, person: Persons) -> None:
    post = client.create_tweet(text="Which lock comes first? #lockout").data["id"]
    kim = person()
    reply = kim.post("mine", reply_to=post)
    other = kim.post("about #Lockout, nothing else")

    def find(query: str) -> list[str]:
        return sorted(ids_of(client.search_recent_tweets(query, user_auth=True)))

    assert find(f"conversation_id:{post}") == sorted([post, reply])
    assert find("#lockout") == sorted([post, other])
    assert find("#lockout -from:kim_r") == [post]
    assert find(f"#lockout -from:kim_r OR conversation_id:{post}") == sorted([post, reply])
    assert find("from:kim_r") == sorted([reply, other])
    assert find("to:acme_reinforce") == [reply]
    assert find("@acme_reinforce") == [reply]
    assert find('"nothing else"') == [other]
    assert find("lock first") == [post]
    assert find("is:reply") == [reply]
    assert find("from:nobody") == []


def test_search_reaches_back_seven_days_and_minds_its_ends(client: tweepy.Client, clock: Clock) -> None:
    old = client.create_tweet(text="#lockout a week ago").data["id"]
    clock.step_to(clock.now() + timedelta(days=7, minutes=1))
    new = client.create_tweet(text="#lockout today").data["id"]
    assert ids_of(client.search_recent_tweets("#lockout", user_auth=True)) == [new]
    with pytest.raises(tweepy.BadRequest, match="since_id"):
        client.search_recent_tweets("#lockout", user_auth=True, since_id=old)
    with pytest.raises(tweepy.BadRequest, match="start_time"):
        client.search_recent_tweets("#lockout", user_auth=True, start_time=clock.now() - timedelta(days=8))
    with pytest.raises(tweepy.BadRequest, match="together"):
        client.search_recent_tweets("#lockout", user_auth=True, since_id=new, start_time=clock.now())


def test_protected_posts_are_seen_by_those_they_may_be_and_never_searched(
    client: tweepy.Client, person: Persons, practice: PracticeThread
) -> None:
    user = practice.credentials["user_id"]
    hidden = person("quiet_one", protected=True).post("@acme_reinforce hidden")
    shown = person("friend_one", protected=True, followed=True).post("@acme_reinforce shown")
    assert ids_of(client.get_users_mentions(user, user_auth=True)) == [shown]
    assert ids_of(client.search_recent_tweets("@acme_reinforce", user_auth=True)) == []
    answer = client.get_tweets([hidden, shown], user_auth=True)
    assert ids_of(answer) == [shown]
    assert answer.errors[0]["type"].endswith("/not-authorized-for-resource")
    timeline = client.get_users_tweets(person("quiet_one").user_id, user_auth=True)
    assert timeline.data is None
    assert timeline.errors[0]["title"] == "Authorization Error"


def test_a_protected_company_account_is_hidden_from_people(
    client: tweepy.Client, person: Persons, practice: PracticeThread, ask: Ask
) -> None:
    post = client.create_tweet(text="internal").data["id"]
    practice.control("POST", "/account", {"protected": True})
    assert client.get_me(user_auth=True, user_fields=["protected"]).data.protected is True
    assert "data" not in ask("GET", f"/2/tweets/{post}", token=person().token).json()
    assert ids_of(client.get_tweets([post], user_auth=True)) == [post]


def test_a_profile_shows_pin_bio_and_counts(client: tweepy.Client, practice: PracticeThread) -> None:
    post = client.create_tweet(text="Start here").data["id"]
    practice.control("POST", "/account", {"pinned_post_id": post, "description": "Run by L&D"})
    fields = ["created_at", "description", "pinned_tweet_id", "public_metrics", "protected"]
    answer = client.get_me(user_auth=True, user_fields=fields, expansions=["pinned_tweet_id"])
    assert (answer.data.pinned_tweet_id, answer.data.description) == (int(post), "Run by L&D")
    assert ids_of(tweepy.Response(answer.includes["tweets"], {}, [], {})) == [post]
    assert answer.data.public_metrics["tweet_count"] == 1


def test_users_are_found_by_id_and_handle(client: tweepy.Client, person: Persons) -> None:
    kim = person()
    assert client.get_user(id=kim.user_id, user_auth=True).data.username == "kim_r"
    assert str(client.get_user(username="KIM_R", user_auth=True).data.id) == kim.user_id
    found = client.get_users(ids=[kim.user_id, "42"], user_auth=True)
    assert [user.username for user in found.data] == ["kim_r"]
    assert found.errors[0]["resource_id"] == "42"
    assert client.get_user(username="nobody", user_auth=True).errors[0]["title"] == "Not Found Error"


def test_who_liked_is_listed_page_by_page(
    client: tweepy.Client, person: Persons, practice: PracticeThread, like: Callable[[str, str], None]
) -> None:
    post = client.create_tweet(text="Like me").data["id"]
    handles = [f"fan_{number}" for number in range(5)]
    for handle in handles:
        person(handle)
        like(post, handle)
    pages = list(tweepy.Paginator(client.get_liking_users, post, max_results=2, user_auth=True))
    assert sorted(user.username for page in pages for user in page.data) == handles
    assert (
        client.get_tweet(post, user_auth=True, tweet_fields=["public_metrics"]).data.public_metrics["like_count"] == 5
    )
    assert client.get_retweeters(post, user_auth=True).data is None
    assert client.get_liking_users("1", user_auth=True).errors[0]["title"] == "Not Found Error"


def test_quotes_of_a_post_are_listed(client: tweepy.Client, person: Persons) -> None:
    post = client.create_tweet(text="Quote me").data["id"]
    quote = person().post("look", quote=post)
    assert ids_of(client.get_quote_tweets(post, user_auth=True)) == [quote]


def test_an_unknown_address_is_a_404_problem(ask_standing: Ask) -> None:
    for path in ("/2/lists/1", "/2/users/1/bookmarks", "/nothing"):
        answer = ask_standing("GET", path)
        assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


@pytest.fixture
def like(practice: PracticeThread) -> Callable[[str, str], None]:
    """Likes a post as somebody, through the page's form: X's API has no such call any more."""

    def act(post: str, handle: str) -> None:
        page = requests.get(f"{practice.url}/posts/{post}", timeout=10).text
        token = page.split('name="form_token" value="')[1].split('"')[0]
        form = {"form_token": token, "as": handle}
        answer = requests.post(f"{practice.url}/posts/{post}/like", form, timeout=10, allow_redirects=False)
        assert answer.status_code == 303

    return act
