"""The call as a machine without I/O: what was heard goes in (`events`), what to do comes out (`commands`).

The table tells what each event causes on each floor, by actions that stand on the course of the call, and that on its
conversation.
"""
