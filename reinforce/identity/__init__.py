"""Who somebody is by the word of the company's own sign-in: OpenID Connect."""
