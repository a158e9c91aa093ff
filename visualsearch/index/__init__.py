"""Vector indexes for nearest-neighbour search: FAISS, Milvus, exact. No Django: everything comes through arguments."""
