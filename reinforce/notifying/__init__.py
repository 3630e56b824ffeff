"""Messages to those who answer: by mail (SMTP) or to a channel's webhook. Values in, nothing kept, no secret said."""
