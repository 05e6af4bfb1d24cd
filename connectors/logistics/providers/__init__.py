"""Logistics providers: e-waybills from Cainiao and Kuaidi100, and Kuaidi100's pushes of parcels' traces."""
