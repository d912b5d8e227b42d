"""What a passage says is told from what it does not say."""

from dataclasses import replace

import pytest
from fakes import passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.claims import ALIKE, judged
from knowledge.documents import Passage
from knowledge.sentences import chunk_sentences

MOST_DROPPED, MOST_PASSED = 0.10, 0.05
ARTICLES = {  # title, heading, text
    "returns": (
        "How long you have to return something",
        "When the 60 days start and end",
        (
            "The 60-day return window starts on the day the parcel is delivered, not on the day "
            "you ordered. If your order arrived in several parcels, each item has its own 60 days, "
            "counted from the day that item reached you. An item delivered on 3 March can be "
            "returned up to and including 2 May.\n\nOrders placed between 1 November and 24 "
            "December can be returned until 31 January. Our page on [Christmas and holiday "
            "returns](https://help.test/holiday) has the details."
        ),
    ),
    "products": (
        "How long you have to return something",
        "Different rules for some products",
        (
            "| What you bought | How long | Condition |\n|---|---|---|\n| Most gear and clothing | "
            "60 days | Unused, tags on, original packaging |\n| Sale items | 60 days | Same as "
            "full-price items |\n| Second Summit outlet gear | 14 days | As delivered |\n| "
            "Footwear worn outside | 30 days, Club members only | Trail Test, store credit |\n| "
            "Underwear, base-layer bottoms, socks, swimwear | 60 days | Packaging unopened |\n| "
            "Ropes, harnesses, helmets, carabiners | 60 days | Unopened, seal intact |\n| Fuel, "
            "gas, food, fire starters, gift cards, custom-embroidered items | No return | – "
            "|\n\nCustomers in the UK and the EU also keep the legal 14-day right of withdrawal on "
            "top of our own return window."
        ),
    ),
    "cost": (
        "How long you have to return something",
        "What a return costs",
        (
            "Returning is free for Cairnway Club members. Without a membership we deduct £3.95 in "
            "the UK or €4.95 in the EU from your refund for the return label. Customers outside "
            "the UK and the EU arrange and pay for their own postage."
        ),
    ),
    "trail": (
        "Returning boots and shoes",
        "The Trail Test: boots worn outside",
        (
            "Boots you have worn outside can be returned within 30 days of delivery if you are a "
            "Cairnway Club member. We call this the Trail Test. You receive the price you paid as "
            "store credit, not as money, and you can use the Trail Test once per model and per "
            "year.\n\n- The Trail Test covers boots and shoes only. Worn clothing, packs and tents "
            "are not included.\n- The 30 days count from delivery and not from your first walk.\n- "
            "Knock the mud off and let the pair dry before you pack it.\n- Two sizes of the same "
            "boot count as the same model."
        ),
    ),
    "indoors": (
        "Returning boots and shoes",
        "I am not a Club member",
        (
            "Without a Club membership, footwear that has been worn outside cannot be returned "
            "unless it is faulty. The 60-day window only covers pairs which were tried on indoors. "
            "You can read what a membership costs and includes in [Club "
            "benefits](https://help.test/club)."
        ),
    ),
    "climbing": (
        "Returning climbing and safety gear",
        "",
        (
            "Ropes, harnesses, helmets and carabiners can be returned within 60 days of delivery "
            "only if they are unopened and the seal is intact. Your life may depend on this gear, "
            "so we never resell a piece whose history we do not know, and we do not take it back "
            "once the seal is broken."
        ),
    ),
    "hygiene": (
        "Returning clothing, underwear, socks and swimwear",
        "Hygiene items: only with the packaging unopened",
        (
            "Four groups of clothing can be returned only in their unopened packaging, for hygiene "
            "reasons:\n\n- underwear\n- base-layer bottoms\n- socks\n- swimwear\n\nOnce the pack "
            "has been opened, these items cannot be returned or exchanged, whether or not they "
            "were tried on. In a multipack of socks, the whole pack counts as opened."
        ),
    ),
    "refund": (
        "When you get your money back",
        "",
        (
            "We issue your refund within 5 working days after your return has arrived at our "
            "warehouse. How soon you see the money depends on how you paid.\n\n| You paid with | "
            "Extra time after we issue the refund |\n|---|---|\n| Visa, Mastercard, Amex, Maestro "
            "| 3–5 working days |\n| PayPal | 1–2 days |\n| Klarna | Invoice adjusted in 2 days "
            "|\n\nThe refund always goes back to the payment method you used for the order. We "
            "cannot send it to a different card or bank account."
        ),
    ),
    "norway": (
        "Delivery to Switzerland, Norway and Iceland",
        "Norway",
        (
            "Delivery to Norway takes 4–6 days and costs NOK 119. PostNord brings the parcel to "
            "your door or to a pick-up point.\n\nOrders under NOK 3,000 are handled under the VOEC "
            "scheme: Norwegian VAT is already in the price you pay, and the parcel passes customs "
            "without further charges. Orders of NOK 3,000 or more cannot use VOEC. For those, VAT, "
            "any duty and the carrier's clearance fee are collected from you before "
            "delivery.\n\nKnives and axes cannot be sent to Norway, whatever your age."
        ),
    ),
    "express": (
        "Express and Saturday delivery",
        "",
        (
            "Express orders placed before the daily cut-off arrive on the next working day. In the "
            "UK the cut-off is 14:00 and express costs £6.95; in the Netherlands, Belgium, Germany "
            "and France it is 13:00 and express costs €11.95. Saturday delivery is a UK service "
            "and costs £8.95."
        ),
    ),
    "gift": (
        "Gift cards: buying, using, balance",
        "",
        (
            "A Cairnway gift card can be bought for any amount between £10 and £500, or between "
            "€10 and €500. It is sent by e-mail or as a printed card by post, and it is valid for "
            "5 years.\n\nGift cards cannot be bought with another gift card, promo codes do not "
            "apply to them, and the Club's 10 % member discount is not given on them. Up to 5 "
            "cards can be used in one order."
        ),
    ),
    "boots": (
        "Boots and trail shoes: Fellwalker, Cairnway Pro, Skyline, Mossback",
        "Cairnway Pro",
        (
            "The Cairnway Pro is a stiff mountain boot rated B2, which means it takes crampons "
            "with a heel clip and a flexible front cradle (C2), as well as strap-on crampons (C1). "
            "It does not take fully automatic C3 crampons. The Pro is true to size and can be "
            "resoled too.\n\nThe Skyline is a light trail shoe with a heel drop of 8 mm. It is not "
            "waterproof and therefore dries quickly. Neither of them can be resoled."
        ),
    ),
    "down": (
        "Washing down jackets and sleeping bags",
        "Drying takes longer than you think",
        (
            "Tumble dry on low with the tennis balls, which break up the clumps. A jacket takes "
            "two to three hours and a sleeping bag four to five. Take the item out every half hour "
            "and pull lumps apart by hand.\n\nWash a jacket about once a season and a sleeping bag "
            "every 30 to 40 nights. Down must never be dry-cleaned: the solvents damage it."
        ),
    ),
    "codes": (
        "Two-step login and lost phones",
        "I have lost my phone or changed my number",
        (
            "**You have no recovery codes:** contact customer service. Support has to check your "
            "identity before switching off two-step login, and this takes 1–2 working days. We "
            "cannot skip the check, even if you have an urgent order; you can order as a guest in "
            "the meantime.\n\nIf you tick **Trust this device**, the same browser does not ask at "
            "every login. Leave the box empty on shared computers."
        ),
    ),
    "klarna": (
        "Paying with Klarna",
        "",
        (
            "With Klarna you receive your order first and pay within 30 days. It is available to "
            "customers in the UK, the Netherlands, Belgium, Germany, Austria, Sweden, Norway, "
            "Denmark and Finland.\n\nInstalments and longer financing are not offered in our shop, "
            "even where you know them from others. Klarna is for private customers only. Companies "
            "pay by card or PayPal, or by bank transfer for orders over £500 or €500."
        ),
    ),
    "tents": (
        "Returning tents and large items",
        "Pitching your tent before the trip",
        (
            "We recommend that you pitch every new tent once before you take it anywhere. Use a "
            "dry lawn or a large room, keep shoes off the groundsheet, and check that no pole "
            "section or peg is missing. One such test pitch does not affect your right to return "
            "the tent.\n\nA night in the garden is more than a test pitch. A tent which has been "
            "slept in, pitched in the rain, or comes back with grass, soil or a smell of smoke on "
            "it counts as used and cannot be returned."
        ),
    ),
    "large": (
        "Returning tents and large items",
        "Collections for parcels over 20 kg or 120 cm",
        (
            "Packages that weigh more than 20 kg or measure more than 120 cm on the longest side "
            "are too big for a parcel shop. We book a collection from your door for £12 in the UK "
            "or €14 in the EU.\n\n1. Go to Account → Orders → Return items and select the large "
            "item.\n2. Choose a collection day and confirm the address. It may differ from your "
            "delivery address.\n3. Tape the carton shut and attach the label that we e-mail you."
        ),
    ),
    "sizes": (
        "Boot and shoe size guide",
        "Model by model",
        (
            "**Fellwalker GTX** is made in EU 36–48. Go up by half a size: if the table gives 42, "
            "order 42.5. It is the only one of our models with a wide fit.\n\n**Cairnway Pro** is "
            "true to size. Take the size the table gives, and leave room for a thick "
            "sock.\n\n**Mossback** is our children's boot in EU 28–38. Add about 1.2 cm to the "
            "foot length, which is room for a season's growth."
        ),
    ),
    "trace": (
        "Late and lost parcels",
        "What happens in a trace",
        (
            "A parcel is late when it has not arrived 3 working days after the promised delivery "
            "day in the UK or EU, or 7 working days after it in any other country.\n\n3. The "
            "carrier searches depots and vans and questions the driver. This takes up to 5 working "
            "days.\n4. We inform you by e-mail of the result.\n\nIf the parcel is found, it is "
            "delivered with priority. If it is not found, you choose between a replacement "
            "shipment and a full refund including the delivery fee. Where the item has meanwhile "
            "sold out, only the refund is possible."
        ),
    ),
    "collect": (
        "Click and collect in Leeds and Utrecht",
        "How long is my order kept?",
        (
            "The Leeds store keeps your order for 7 days. If you cannot make it, ask us before the "
            "seventh day. An order which nobody collects is cancelled and put back on the shelf, "
            "and you are refunded.\n\nYou pay online when you order. Our stores accept no cash for "
            "web orders, and an order cannot be reserved without payment. Parcel shops keep your "
            "parcel for 7 days in the UK and 10 days in the EU."
        ),
    ),
    "api": (
        "Rate limits of the Ledger API",
        "Limits by plan",
        (
            "Every API key may send 100 requests per minute on the Starter plan and 1,000 requests "
            "per minute on the Business plan. Requests above the limit are answered with status "
            "429 and are not billed. The `Retry-After` header says how many seconds to "
            "wait.\n\nWebhooks are retried up to 8 times over 24 hours. A webhook that fails 8 "
            "times is disabled, and the owner of the key gets an e-mail. Keys created before 1 "
            "June 2025 do not expire; newer keys expire after 90 days."
        ),
    ),
    "leave": (
        "Parental leave",
        "Who is entitled",
        (
            "Employees are entitled to 16 weeks of paid parental leave after six months with the "
            "company. Contractors and interns are not eligible. Leave must be requested at least 8 "
            "weeks before it starts, in the Workday portal, and your manager cannot refuse "
            "it.\n\nYou may split the leave into two blocks. Unused leave expires 12 months after "
            "the birth and is not paid out."
        ),
    ),
    "backup": (
        "Backups and restore",
        "Retention",
        (
            "Daily snapshots are taken at 02:00 UTC and kept for 35 days. Snapshots are encrypted "
            "with AES-256. Restoring a snapshot creates a new cluster; it never overwrites the "
            "running one. Point-in-time recovery is available on the Pro plan only, and costs $25 "
            "a month. Deleting a cluster deletes its snapshots after 7 days, unless you tick *Keep "
            "snapshots*."
        ),
    ),
}
TRUE = [
    (
        "returns",
        "The 60 days begin on the day your parcel is delivered, not when you placed the order.",
    ),
    ("returns", "The return window is sixty days and starts on the day of delivery."),
    ("returns", "If your order came in several parcels, each item has its own 60-day window."),
    ("returns", "Something delivered on March 3 can be sent back up to and including May 2."),
    ("returns", "Orders placed from 1 November to 24 December may be returned until January 31."),
    ("products", "Sale items can be returned within 60 days, just like full-price items."),
    ("products", "For Second Summit outlet gear you have two weeks to return it."),
    ("products", "Gift cards, fuel and food cannot be returned."),
    ("products", "In the UK and the EU you also have the legal 14-day right of withdrawal."),
    ("products", "Socks and swimwear can be returned within 60 days if the packaging is unopened."),
    ("cost", "Returns are free of charge if you are a Cairnway Club member."),
    ("cost", "If you are not a member, £3.95 is deducted from your refund in the UK."),
    ("cost", "In the EU, the return label costs €4.95 without a membership."),
    ("cost", "Customers outside the UK and EU have to pay the postage themselves."),
    ("cost", "Club members pay nothing for returns; otherwise we deduct GBP 3.95 in the UK."),
    ("trail", "Club members can return boots worn outside within 30 days of delivery."),
    ("trail", "You get store credit rather than money."),
    ("trail", "The Trail Test can be used once per model and year."),
    ("trail", "The 30 days are counted from the delivery, not from the first walk."),
    ("trail", "Clothing, packs and tents that have been worn aren't covered by the Trail Test."),
    (
        "indoors",
        "Without a Club membership you can't return footwear worn outside unless it is faulty.",
    ),
    ("indoors", "Footwear worn outside can only be returned by non-members if it is faulty."),
    ("indoors", "The 60 days cover only pairs that were tried on indoors."),
    (
        "climbing",
        (
            "Helmets can be returned within 60 days as long as they are unopened and the seal is "
            "intact."
        ),
    ),
    ("climbing", "We don't take ropes or harnesses back once the seal has been broken."),
    ("hygiene", "Opened socks and underwear cannot be returned or exchanged."),
    ("hygiene", "Underwear can be returned only in unopened packaging, for hygiene reasons."),
    ("hygiene", "If you open a multipack of socks, the whole pack counts as opened."),
    (
        "refund",
        "You get your refund within five working days after the return arrives at our warehouse.",
    ),
    ("refund", "With PayPal it takes another 1 to 2 days."),
    ("refund", "For Visa and Mastercard, allow a further 3-5 working days."),
    (
        "refund",
        (
            "Refunds go back to the payment method used for the order and cannot be sent to a "
            "different card."
        ),
    ),
    ("norway", "Delivery to Norway costs 119 NOK and takes 4 to 6 days."),
    ("norway", "For orders below NOK 3000, Norwegian VAT is already included in the price."),
    ("norway", "Knives can't be shipped to Norway."),
    (
        "norway",
        (
            "On orders of NOK 3,000 or more, you pay VAT and the carrier's clearance fee before "
            "delivery."
        ),
    ),
    ("express", "In the UK express delivery costs £6.95 and the cut-off is 2 pm."),
    ("express", "Order before the cut-off and your express order arrives the next working day."),
    ("express", "Saturday delivery is available in the UK for £8.95."),
    ("express", "In Germany the cut-off is 13:00, and express costs €11.95."),
    ("gift", "Gift cards are valid for five years."),
    ("gift", "You can buy a gift card for any amount from £10 to £500."),
    ("gift", "Promo codes can't be used to buy gift cards."),
    ("gift", "You may use up to 5 gift cards per order."),
    ("gift", "There is no 10% member discount on gift cards."),
    ("boots", "The Cairnway Pro takes C1 and C2 crampons but not C3."),
    ("boots", "No, the Cairnway Pro does not take fully automatic C3 crampons."),
    ("boots", "The Skyline isn't waterproof, so it dries quickly."),
    ("boots", "The Cairnway Pro can be resoled."),
    ("down", "A sleeping bag needs four to five hours in the dryer."),
    ("down", "Never dry-clean down, since the solvents damage it."),
    ("down", "A down jacket should be washed about once a season."),
    ("down", "Tumble dry it on low with tennis balls to break up the clumps."),
    ("codes", "Without recovery codes, please contact customer service."),
    ("codes", "The identity check takes one to two working days and cannot be skipped."),
    ("codes", "Meanwhile you can order as a guest."),
    ("codes", "On shared computers, do not tick “Trust this device”."),
    ("klarna", "With Klarna you get the order first and have 30 days to pay."),
    ("klarna", "Klarna is offered in Germany and Austria, among other countries."),
    ("klarna", "We do not offer instalments or longer financing."),
    ("klarna", "Companies can't use Klarna; they pay by card or PayPal."),
    ("klarna", "Companies can pay by bank transfer if the order is over €500."),
    ("tents", "You may pitch a new tent once as a test without losing your right to return it."),
    (
        "tents",
        "A tent that was slept in or pitched in the rain counts as used and can't be returned.",
    ),
    ("tents", "Use a dry lawn or a large room for the test pitch."),
    (
        "large",
        (
            "If your parcel weighs more than 20 kg or is longer than 120 cm, it is too big for a "
            "parcel shop."
        ),
    ),
    ("large", "The collection costs £12 in the UK and €14 in the EU."),
    (
        "large",
        (
            "Pick a collection day and confirm your address, which may differ from the delivery "
            "address."
        ),
    ),
    ("large", "Select the large item under Account → Orders → Return items."),
    ("sizes", "The Fellwalker GTX should be ordered half a size larger."),
    ("sizes", "If the table says 42, order a 42.5 in the Fellwalker GTX."),
    ("sizes", "Only the Fellwalker GTX comes in a wide fit."),
    ("sizes", "For the Mossback, add 1.2 cm to the length of the foot."),
    ("trace", "The carrier's search takes at most five working days."),
    (
        "trace",
        (
            "In the UK and the EU, a parcel is considered late three working days after the "
            "promised day."
        ),
    ),
    (
        "trace",
        (
            "If the parcel isn't found, you can choose a replacement or a full refund including "
            "the delivery fee."
        ),
    ),
    ("trace", "We tell you the result by e-mail."),
    ("trace", "If the item has sold out, only a refund is possible."),
    ("collect", "The store in Leeds holds your order for a week."),
    ("collect", "Orders that are not collected are cancelled and refunded."),
    ("collect", "You cannot pay cash for web orders in our stores."),
    ("collect", "In the EU, parcel shops keep the parcel for 10 days."),
    ("api", "On the Starter plan, each API key can send 100 requests per minute."),
    ("api", "The Business plan allows 1000 requests a minute."),
    ("api", "Requests over the limit get a 429 response and aren't billed."),
    ("api", "Failed webhooks are retried up to eight times within 24 hours."),
    ("api", "Keys created before June 1, 2025 do not expire, newer ones do after 90 days."),
    ("api", "The `Retry-After` header tells you how many seconds you have to wait."),
    (
        "leave",
        (
            "You are entitled to sixteen weeks of paid parental leave once you have been with the "
            "company for six months."
        ),
    ),
    ("leave", "Interns and contractors are not eligible for parental leave."),
    ("leave", "You need to request the leave at least eight weeks before its start."),
    ("leave", "The leave can be split into two blocks."),
    ("leave", "Leave that you have not used expires one year after the birth."),
    ("backup", "Snapshots are taken every day at 2 am UTC and kept for 35 days."),
    ("backup", "Restoring never overwrites the running cluster but creates a new one."),
    ("backup", "Point-in-time recovery costs $25 per month and is only available on the Pro plan."),
    (
        "backup",
        (
            "After a cluster is deleted, its snapshots are deleted after a week unless you tick "
            "“Keep snapshots”."
        ),
    ),
]
FALSE = [
    ("returns", "The 60 days begin on the day you ordered."),
    ("returns", "The 30-day return window starts on the day the parcel is delivered."),
    ("returns", "All items of an order share the same 60 days if it arrives in several parcels."),
    ("returns", "An item delivered on 3 March can be returned up to and including 12 May."),
    ("returns", "Orders placed between 1 November and 24 December can be returned until 31 March."),
    ("products", "Second Summit outlet gear can be returned within 60 days."),
    ("products", "Gift cards and fuel can be returned within 60 days."),
    ("products", "Sale items can be returned within 14 days."),
    ("products", "Footwear worn outside can be returned within 60 days."),
    ("products", "Ropes can be returned even if they have been opened."),
    ("cost", "Returns are free for all customers in the UK."),
    ("cost", "Without a membership we deduct €3.95 in the EU."),
    ("cost", "Without a membership we deduct £4.95 in the UK."),
    ("cost", "Without a membership we do not deduct anything for the return label."),
    ("cost", "Cairnway Club members pay £3.95 for the return label."),
    ("cost", "Customers outside the UK and the EU do not have to pay for postage."),
    ("trail", "Boots you have worn outside cannot be returned if you are a Cairnway Club member."),
    ("trail", "You receive the price you paid as money, not as store credit."),
    ("trail", "You can use the Trail Test twice per model and per year."),
    ("trail", "The Trail Test covers worn clothing, packs and tents."),
    ("trail", "The 30 days count from your first walk and not from delivery."),
    ("trail", "Boots you have worn outside can be returned within 60 days of delivery."),
    ("indoors", "Without a Club membership, footwear that has been worn outside can be returned."),
    ("indoors", "Footwear that has been worn outside can be returned with a Decathlon membership."),
    ("indoors", "The 60-day window also covers pairs which were worn outside."),
    ("climbing", "Ropes can be returned once the seal is broken."),
    ("climbing", "Helmets can be returned within 60 days if they are opened."),
    ("climbing", "We resell returned gear even when we do not know its history."),
    ("hygiene", "Opened underwear can be returned for hygiene reasons."),
    ("hygiene", "Once the pack has been opened, these items can still be exchanged."),
    ("hygiene", "In a multipack of socks, only the opened pair counts as opened."),
    ("refund", "We issue your refund within 5 days after you have sent the parcel."),
    ("refund", "With PayPal the money takes another 3–5 working days."),
    ("refund", "The refund can be sent to a different card or bank account."),
    ("refund", "We issue your refund within 15 working days after your return has arrived."),
    ("refund", "With Apple Pay the refund takes another 1–2 days."),
    ("norway", "Delivery to Norway takes 4–6 weeks and costs NOK 119."),
    ("norway", "Delivery to Sweden takes 4–6 days and costs NOK 119."),
    ("norway", "Orders over NOK 3,000 are handled under the VOEC scheme."),
    ("norway", "Orders of NOK 3,000 or more can use VOEC."),
    ("norway", "Knives and axes can be sent to Norway if you are over 18."),
    ("norway", "DHL brings the parcel to your door in Norway."),
    ("express", "In the UK the cut-off is 13:00 and express costs £6.95."),
    ("express", "Express costs £11.95 in the UK."),
    ("express", "Saturday delivery is free in the UK."),
    ("express", "Express orders placed after the daily cut-off arrive on the next working day."),
    ("express", "Saturday delivery costs €8.95 in Germany."),
    ("gift", "Gift cards are valid for 15 years."),
    ("gift", "Gift cards never expire."),
    ("gift", "Gift cards can be bought with another gift card."),
    ("gift", "Members get 10% off gift cards."),
    ("gift", "Up to 10 cards can be used in one order."),
    ("boots", "The Cairnway Pro takes fully automatic C3 crampons."),
    ("boots", "The Skyline is waterproof and dries quickly."),
    ("boots", "The Skyline can be resoled."),
    ("boots", "The Cairnway Pro is rated B3."),
    ("boots", "The Cairnway Pro cannot be resoled."),
    ("down", "A jacket takes four to five hours to dry."),
    ("down", "Down can be dry-cleaned without damage."),
    ("down", "Wash a sleeping bag every 3 to 4 nights."),
    ("down", "Tumble dry on high with the tennis balls."),
    ("codes", "Support can skip the identity check if you have an urgent order."),
    ("codes", "The identity check takes 1–2 weeks."),
    ("codes", "Tick “Trust this computer” so that the same browser does not ask at every login."),
    ("codes", "You cannot order as a guest in the meantime."),
    ("klarna", "With Klarna you pay within 14 days of receiving your order."),
    ("klarna", "Klarna is available in Switzerland."),
    ("klarna", "You can pay in instalments with Klarna."),
    ("klarna", "Companies can pay with Klarna."),
    ("klarna", "Companies can pay by bank transfer for orders under £500."),
    ("tents", "You may pitch every new tent twice before you take it anywhere."),
    ("tents", "One test pitch means that you can no longer return the tent."),
    ("tents", "A tent which has been slept in can be returned."),
    ("tents", "A night in the garden counts as a test pitch."),
    ("large", "Packages that weigh more than 12 kg are too big for a parcel shop."),
    ("large", "We book a collection from your door for £14 in the UK."),
    ("large", "Collections are free in the EU."),
    ("large", "The collection address cannot differ from your delivery address."),
    ("sizes", "The Cairnway Pro runs half a size small, so go up by half a size."),
    ("sizes", "The Mossback comes in a wide fit."),
    ("sizes", "Fellwalker GTX is made in EU 28–38."),
    ("sizes", "If the table gives 42, order 43.5."),
    ("trace", "A parcel is late 3 working days after the promised day in any other country."),
    ("trace", "The carrier's search takes up to 15 working days."),
    ("trace", "If the parcel is not found, you get a refund excluding the delivery fee."),
    ("trace", "If the item has sold out, only a replacement is possible."),
    ("collect", "The Leeds store keeps your order for 10 days."),
    ("collect", "An order can be reserved without payment."),
    ("collect", "Our stores accept cash for web orders."),
    ("collect", "An order that nobody collects is not refunded."),
    ("api", "The Starter plan allows 1,000 requests per minute."),
    ("api", "Requests above the limit are billed."),
    ("api", "Keys created before 1 June 2025 expire after 90 days."),
    ("api", "A webhook is disabled after 3 failures."),
    ("api", "Webhooks are retried up to 8 times over 48 hours."),
    ("leave", "Employees are entitled to 16 weeks of unpaid parental leave."),
    ("leave", "Contractors and interns are eligible."),
    ("leave", "Your manager can refuse the leave."),
    ("leave", "Leave must be requested at least 8 days before it starts."),
    ("leave", "Unused leave is paid out after 12 months."),
    ("backup", "Daily snapshots are kept for 53 days."),
    ("backup", "Restoring a snapshot overwrites the running cluster."),
    ("backup", "Point-in-time recovery is available on the Starter plan."),
    ("backup", "Snapshots are encrypted with AES-128."),
    ("backup", "Point-in-time recovery is free."),
]


def article(name: str) -> Passage:
    title, heading, text = ARTICLES[name]
    plain = passage(text, article=name)
    chunk = replace(plain.chunk, headings=(heading,) if heading else ())
    return replace(plain, title=title, chunk=chunk)


def holds(claim: str, text: str, *, title: str = "Help") -> bool:
    return judged(claim, replace(passage(text), title=title)).holds


def test_of_true_paraphrases_hardly_any_is_dropped() -> None:
    dropped = [claim for name, claim in TRUE if not judged(claim, article(name)).holds]
    assert len(dropped) <= MOST_DROPPED * len(TRUE), dropped


def test_of_near_miss_falsehoods_hardly_any_passes() -> None:
    passed = [claim for name, claim in FALSE if judged(claim, article(name)).holds]
    assert len(passed) <= MOST_PASSED * len(FALSE), passed


@pytest.mark.parametrize("name", ARTICLES)
def test_every_sentence_of_a_passage_is_borne_out_by_it(name: str) -> None:
    whole = article(name)
    for one in chunk_sentences(whole.chunk):
        assert judged(one.text, whole).holds


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("It is kept for 14 days.", "Your parcel is kept for two weeks."),
        ("It is kept for a week.", "Your parcel is kept for 7 days."),
        ("It is kept for fourteen days.", "Your parcel is kept for a fortnight."),
        ("Delivery costs GBP 3.95.", "Delivery costs £3.95."),
        ("The limit is 1000 requests.", "The limit is 1,000 requests."),
        ("Delivery takes 3 to 5 days.", "Delivery takes 3–5 days."),
        ("Delivery takes up to 5 days.", "Delivery takes 3–5 days."),
        ("Order before 2 pm.", "Order before 14:00."),
        ("The sale ends on May 3.", "The sale ends on 3 May."),
        ("The discount is 10 percent.", "The discount is 10 %."),
        ("Support is there 24/7.", "Support is there 24/7."),
        ("A parcel may weigh up to 1.5 kg.", "A parcel may weigh up to 1,500 g."),
        ("Postage is free of charge.", "There is no charge for postage."),
    ],
)
def test_an_amount_may_be_written_otherwise(claim: str, text: str) -> None:
    assert holds(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Delivery takes 5 days.", "Delivery takes 3–5 days."),
        ("Delivery takes 5 days.", "Delivery takes 5 working days."),
        ("Delivery takes 5 weeks.", "Delivery takes 5 days."),
        ("Delivery costs €3.95.", "Delivery costs £3.95."),
        ("Delivery is free.", "Delivery costs £3.95."),
        ("Delivery is free for orders under £50.", "Delivery is free for orders over £50."),
        ("Order after 14:00.", "Order before 14:00."),
        ("Order before 2 am.", "Order before 14:00."),
        ("The sale ends on 13 May.", "The sale ends on 3 May."),
        ("Express costs £3.95.", "Standard costs £3.95 and express costs £6.95."),
        ("The Trek 2 costs £5.", "The Trek 1 costs £5; the Trek 2 costs £9."),
        ("Both cost £9: A £9, B £9.", "A costs £5, B costs £9."),
    ],
)
def test_an_amount_may_not_be_another_or_of_another_thing(claim: str, text: str) -> None:
    assert not holds(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Boots can't be resoled.", "Boots cannot be resoled."),
        ("You do not get money.", "You get store credit, not money."),
        ("If they are faulty, boots can be returned.", "Boots cannot be returned unless faulty."),
        ("Opened socks cannot be returned.", "Socks can be returned only if they are unopened."),
        ("Without a receipt, nothing is refunded.", "Nothing is refunded without a receipt."),
        ("The form is optional.", "Do I need the form? The form is optional."),
    ],
)
def test_a_denial_may_be_worded_otherwise(claim: str, text: str) -> None:
    assert holds(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Boots can be resoled.", "Boots cannot be resoled."),
        ("Boots cannot be resoled.", "Boots can be resoled."),
        ("Boots can be resoled.", "Boots can no longer be resoled."),
        ("We call you back.", "We never call you back."),
        ("You get money, not store credit.", "You get store credit, not money."),
        ("Opened socks can be returned.", "Socks can be returned only if they are unopened."),
        ("Boots can be returned.", "Boots cannot be returned unless they are faulty."),
        ("Gift cards can be returned.", "Everything can be returned except gift cards."),
        ("Only boots can be returned.", "Boots can be returned."),
        ("All boots can be returned.", "Boots of this year can be returned."),
        ("The seal is broken.", "If the seal is broken, tell us."),
    ],
)
def test_what_is_denied_restricted_or_only_supposed_is_not_affirmed(claim: str, text: str) -> None:
    assert not holds(claim, text)


def test_a_no_under_a_question_denies_the_question() -> None:
    chunk = replace(
        passage("No. The solvents damage it.").chunk, headings=("Can down be dry-cleaned?",)
    )
    faq = replace(passage(), title="Down", chunk=chunk)
    assert judged("Down cannot be dry-cleaned.", faq).holds
    assert not judged("Down can be dry-cleaned.", faq).holds


def test_a_point_of_a_list_means_what_leads_in() -> None:
    text = "We do not take back:\n\n- gift cards\n- opened socks\n"
    assert holds("Gift cards are not taken back.", text)
    assert not holds("Gift cards are taken back.", text)


def test_a_quotation_is_verbatim_but_for_typography() -> None:
    text = "Tick **Trust this device** at log-in – it's safe."
    assert holds("Tick “Trust this device” at log-in.", text)
    assert not holds("Tick “Trust this computer” at log-in.", text)


@pytest.mark.parametrize(
    "claim",
    [
        "The parcel is brought by Hermes.",
        "Write to help@evil.test about the parcel.",
        "The parcel is tracked at evil.test by DHL.",
        "The parcel of type X9 is brought by DHL.",
    ],
)
def test_a_name_a_code_or_an_address_that_occurs_nowhere_is_not_said(claim: str) -> None:
    assert not holds(claim, "The parcel is brought by DHL and tracked at help.test by type X8.")


def test_what_is_said_of_one_thing_is_not_said_of_another() -> None:
    text = "Sale items can be returned within 14 days. Boots can be returned within 30 days."
    assert holds("Boots can be returned within 30 days.", text)
    assert not holds("Boots can be returned within 14 days.", text)
    assert not holds("Tents can be returned within 30 days.", text)


def test_similarity_speaks_for_other_words_and_never_for_other_facts() -> None:
    text = "A parcel shop keeps your parcel for 7 days; it cannot be kept longer."
    rescued = "A collection point keeps your goods for 7 days."
    assert not holds(rescued, text)
    for claim, wanted in (
        (rescued, True),
        ("A collection point keeps your goods for 8 days.", False),
        ("A collection point never keeps your goods for 7 days.", False),
        ("A Hermes point keeps your goods for 7 days.", False),
    ):
        assert judged(claim, passage(text), similarity=lambda *_: ALIKE).holds is wanted
        assert not judged(claim, passage(text), similarity=lambda *_: 0.0).holds


def test_a_sentence_that_states_nothing_is_not_borne_out() -> None:
    assert not holds("", "Boots.")
    assert not holds("It is.", "Boots.")


ODD_WORDS = [
    "not ",
    "cannot ",
    "neither ",
    "only ",
    "all ",
    "unless ",
    "without ",
    ", and ",
    "no. ",
]
ODD_WORDS += ["5 days ", "£5 ", "3–", "1,000", "31 May ", "half an hour ", "a year ", "[1]", ":"]
ODD_WORDS += ["boots ", "Boots ", '"', "| a |\n", "- a\n", "\0"]
ODD = st.lists(st.sampled_from(ODD_WORDS) | st.text(max_size=20), max_size=30).map("".join)


@given(ODD, ODD)
def test_any_text_can_be_judged_by_any_passage(claim: str, text: str) -> None:
    found = judged(claim, passage(text))
    assert all(0 <= one.supports <= 1 and 0 <= one.refutes <= 1 for one in found.bearings)
    assert found.holds <= bool(found.lines)
