"""Stock to the channels: what each shop shows is told to its platform, and asked back.

    base        the contract of a platform: a quantity is put, and read
    shopify     compare-and-set with idempotency keys; taobao, jd, pdd, douyin: absolute quantities
    clients     which platform has which
    errand      one quantity seen through by the driver (``connectors/driver/dispatch``); ``run`` all of it as a process
    comparing   what shops show, asked of their platforms

README.md says how a shop is made to show stock, and what a further platform has to bring.
"""
