"""The subcommands of `offhook`, one file each, and what they share."""
