"""
What scripts that were written for wandb and trackio name besides runs. Nothing here is imported before it is named: a
training that needs none of it does not wait for it.
"""
