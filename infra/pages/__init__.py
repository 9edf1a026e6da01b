"""The pages of `web/` on AWS: a bucket behind the edge, and what fills it."""

from infra.pages.pages import FRONT_PAGE, Pages

__all__ = ["FRONT_PAGE", "Pages"]
