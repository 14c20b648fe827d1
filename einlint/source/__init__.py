"""Python source -> facts about the einsum calls in it."""
