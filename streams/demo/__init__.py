"""The main job on generated or real orders, with a merchant's view of what happened."""
