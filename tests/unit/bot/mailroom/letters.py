"""A mail as it comes over the wire."""

RAW = (
    b"From: Kim <kim@shop.test>\r\nTo: support@desk.test\r\nSubject: Where is my order?\r\n"
    b"Message-ID: <one@shop.test>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\n"
    b"It has not come for two weeks.\r\n"
)
