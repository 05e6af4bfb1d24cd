"""Orders of one receiver that leave as one parcel (合单): who waits for whom, and what becomes of it."""
