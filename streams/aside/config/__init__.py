"""What a merchant sets, as documents: every version of each, which of them is in use, and how a person changes that.

A version is a record of ``config.documents`` that is never replaced; which one is live, in the shadow or has a share is a record of
``config.releases``. Both change in one Kafka transaction with the audit's entry, and with what a hub works by today: documents of
warehouses and bundles are written out to ``config.warehouses`` and ``config.bundles``, record by record. No stage reads documents yet.

    standing  what is on the topics, and whether it is what was published
    changes   what a person wants of a document, held against what stands: pure
    rows      what documents of warehouses and bundles make of the hub's records: pure
    lints     what is wrong with a document beyond its form
    store     writes changes, unless somebody else was there first
    apply     the whole of it: judged, planned, written
"""
