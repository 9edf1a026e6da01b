"""Repositories and the event log on DynamoDB: `tables` has keys and indexes, each folder how its items lie."""
