"""Pairs of questions: some mean the same, others only look as if they did."""

SAME = """
How long do I have to return boots? | how long have I got to return boots
How long do I have to return boots? | How long do we have to return the boots?
Do tents have a warranty? | Is there a warranty on tents?
Can I pay by invoice? | Could I please pay by invoice?
Can I pay by invoice? | hi, can we pay by invoice?
Do you ship to Norway? | do you ship to norway??
Do you ship to Norway? | Hello, do you ship to Norway please
What does express shipping cost? | what's the cost of express shipping
What does express shipping cost? | What is the express shipping cost?
How do I reset my password? | how can I reset my password
How do I reset my password? | How do we reset our passwords?
How do I reset my password? | Could you tell me how I reset my password?
Where can I download my invoice? | where can I download the invoices
Where can I download my invoice? | Where could we download our invoice?
How many seats are in the Team plan? | How many seats does the Team plan have?
How many seats are in the Team plan? | how many seats in the team plan
Which payment methods do you accept? | what payment methods do you accept
Which payment methods do you accept? | Which payment methods are accepted?
Is the Ridgeline tent waterproof? | Is a Ridgeline tent really waterproof?
Is the Ridgeline tent waterproof? | I was wondering if the Ridgeline tent is waterproof
Can I change the delivery address? | can I change my delivery address
Can I change the delivery address? | Could I change the address of the delivery?
When will my refund arrive? | when does the refund arrive
When will my refund arrive? | when will refunds arrive?
How do I cancel my subscription? | How do I cancel the subscription?
How do I cancel my subscription? | quick question: how do I cancel my subscription
How do I invite a colleague? | how do I invite colleagues
How do I invite a colleague? | How do I invite my colleague?
Is there a student discount? | do you have a student discount
Is there a student discount? | are there any student discounts?
What is the minimum order value? | what's your minimum order value?
What is the minimum order value? | What's the minimum order value please
How do I enable two-factor authentication? | How do I enable two factor authentication?
How do I enable two-factor authentication? | please tell me how I enable two-factor authentication
Does the API have rate limits? | are there rate limits in the API?
Does the API have rate limits? | Does your API have a rate limit?
Can I export my tickets as CSV? | can I export tickets as CSV
Can I export my tickets as CSV? | Could we export our tickets as CSV?
Do gift cards expire? | do your gift cards expire
Do gift cards expire? | Does a gift card expire?
How do I wash a down jacket? | how should I wash down jackets
How do I wash a down jacket? | How do I wash my down jacket?
What are the opening hours of the shop? | what are the shop's opening hours?
What are the opening hours of the shop? | What are your shop opening hours?
Can I collect my order in the store? | can I collect orders in store
Can I collect my order in the store? | Can I collect the order at the store?
How do I connect Slack? | how can we connect Slack
How do I connect Slack? | do you know how I connect Slack?
Do you repair zips? | can you repair zips?
Do you repair zips? | do you also repair a zip?
Is the sole replaceable? | are soles replaceable?
Is the sole replaceable? | is the sole replaceable, please?
How long does delivery take? | How long will the delivery take?
How long does delivery take? | how long do deliveries take currently
Do you offer price matching? | do you offer price match?
Do you offer price matching? | Do you offer any price matching?
How do I delete my account? | How do I delete an account?
How do I delete my account? | hey how do I delete my account thanks
What is the SLA of the Business plan? | what's the SLA on the Business plan?
What is the SLA of the Business plan? | What's the Business plan's SLA?
"""
DIFFERENT = """
Do you ship from Norway to Sweden? | Do you ship from Sweden to Norway?
Do you ship to Norway? | Do you ship from Norway?
Do you ship to Norway? | Do you ship to Sweden?
Do you ship to the US? | Do you ship to us?
Can I convert points to miles? | Can I convert miles to points?
points to miles? | miles to points?
How do I enable SSO? | How do I disable SSO?
How do I turn on notifications? | How do I turn off notifications?
Can I log in with Google? | Can I log out with Google?
Can I return boots that were worn? | Can I return boots that were not worn?
Can I return worn boots? | Can't I return worn boots?
Is the tent waterproof? | Is the tent not waterproof?
Do you ship with insurance? | Do you ship without insurance?
Can I cancel before dispatch? | Can I cancel after dispatch?
What happens before the trial ends? | What happens after the trial ends?
Is delivery free over 50 euros? | Is delivery free under 50 euros?
Is delivery free over 50 euros? | Is delivery free over 500 euros?
Is delivery free over €50? | Is delivery free over $50?
Can I return within 30 days? | Can I return within 60 days?
Can I return within 30 days? | Can I return within 30 weeks?
Do I get 10% off? | Do I get 15% off?
Is the tent 2.5 kg? | Is the tent 25 kg?
Does a stove weigh 90 grams? | Does a stove weigh 90 kilograms?
What does the Team plan cost a month? | What does the Team plan cost a year?
What does the Team plan cost? | What does the Business plan cost?
How do I upgrade to Business? | How do I downgrade to Business?
How do I return boots? | How do I return tents?
How long is the warranty on tents? | How long is the warranty on stoves?
Can an admin remove a member? | Can a member remove an admin?
Can a guest invite a member? | Can a member invite a guest?
Can I call you? | Can you call me?
Can I send you a parcel? | Can you send me a parcel?
Do I pay you or do you pay me? | Do you pay me or do I pay you?
When can I return boots? | Where can I return boots?
When can I return boots? | Why can I return boots?
How long does delivery take? | How much does delivery take?
Who pays the return? | Who gets the return?
Must I register to order? | Can I register to order?
Do I have to register? | Do I want to register?
Do I need a receipt? | Do I get a receipt?
Are returns free for members? | Are returns free for guests?
Are returns free for members only? | Are returns free for members?
Are all tents waterproof? | Are most tents waterproof?
Do members get more points? | Do members get fewer points?
Is the minimum order 20 euros? | Is the maximum order 20 euros?
What is the oldest version you support? | What is the newest version you support?
Can I import contacts? | Can I export contacts?
Can I import from Zendesk into your desk? | Can I import from your desk into Zendesk?
How do I lock a ticket? | How do I unlock a ticket?
How do I merge two tickets? | How do I split two tickets?
Is the API public? | Is the API private?
Does it work on Android? | Does it work on iOS?
Do you bill in EUR? | Do you bill in USD?
Can I pay by card? | Can I pay by invoice?
Is the men's jacket lined? | Is the women's jacket lined?
Can adults use the child seat? | Can children use the adult seat?
What if my parcel is early? | What if my parcel is late?
Do you deliver on Saturdays? | Do you deliver on Sundays?
Does the sale start on Monday? | Does the sale end on Monday?
Is the left boot wider than the right boot? | Is the right boot wider than the left boot?
Can I swap a gift for a voucher? | Can I swap a voucher for a gift?
Can I bring a dog instead of a cat? | Can I bring a cat instead of a dog?
Do you accept returns by post? | Do you accept returns in store?
Does a refund include shipping? | Does a refund exclude shipping?
If I cancel, do I pay? | If I pay, do I cancel?
Is there a fee to leave? | Is there a fee to join?
"""


def pairs(text: str) -> list[tuple[str, str]]:
    """A line a pair."""
    split = (line.split(" | ") for line in text.strip().splitlines())
    return [(one, other) for one, other in split]
