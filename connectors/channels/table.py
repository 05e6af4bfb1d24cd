"""The five channels: how what happens in their shops reaches the hub.

A sixth is its module and one line here: connectors/README.md, "Add a channel".
"""

from __future__ import annotations

from connectors.channels.base import Connector, Fetching
from connectors.channels.douyin import DouyinWebhook
from connectors.channels.jd import JdPoll
from connectors.channels.pdd import PddSocket
from connectors.channels.shopify import ShopifyWebhook
from connectors.channels.taobao import TaobaoQueue

#: PDD allows a shop 30,000 reads of orders a minute; the others' figures are not known, and their throttle answers are heeded.
CONNECTORS: dict[str, Connector] = {
    "taobao": Connector(listener=TaobaoQueue),
    "jd": Connector(listener=JdPoll),
    "pdd": Connector(listener=PddSocket, fetching=Fetching(per_s=450)),
    "douyin": Connector(webhook=DouyinWebhook),
    "shopify": Connector(webhook=ShopifyWebhook, fetching=Fetching(per_s=50)),
}
