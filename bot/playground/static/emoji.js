/** The common emoji by their Slack names; an unknown name stays as :name:. */

const TABLE = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|eyes 👀|white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|warning ⚠️|
rotating_light 🚨|tada 🎉|pray 🙏|raised_hands 🙌|clap 👏|wave 👋|ok_hand 👌|muscle 💪|point_right 👉|point_left 👈|point_up ☝️|
point_down 👇|heart ❤️|yellow_heart 💛|green_heart 💚|blue_heart 💙|purple_heart 💜|broken_heart 💔|fire 🔥|rocket 🚀|sparkles ✨|star ⭐|
star2 🌟|zap ⚡|boom 💥|bulb 💡|memo 📝|pencil ✏️|pencil2 ✏️|book 📖|books 📚|bookmark 🔖|link 🔗|paperclip 📎|pushpin 📌|mag 🔍|mag_right 🔎|
email 📧|e-mail 📧|envelope ✉️|incoming_envelope 📨|inbox_tray 📥|outbox_tray 📤|package 📦|truck 🚚|ticket 🎫|hiking_boot 🥾|tent ⛺|
mountain ⛰️|camping 🏕️|hourglass ⌛|hourglass_flowing_sand ⏳|alarm_clock ⏰|stopwatch ⏱️|calendar 📅|date 📅|clock3 🕒|bell 🔔|
speech_balloon 💬|thought_balloon 💭|bust_in_silhouette 👤|busts_in_silhouette 👥|raising_hand 🙋|technologist 🧑‍💻|robot_face 🤖|robot 🤖|
gear ⚙️|wrench 🔧|hammer_and_wrench 🛠️|lock 🔒|unlock 🔓|key 🔑|credit_card 💳|moneybag 💰|money_with_wings 💸|receipt 🧾|
chart_with_upwards_trend 📈|bar_chart 📊|clipboard 📋|file_folder 📁|wastebasket 🗑️|recycle ♻️|arrow_right ➡️|arrow_left ⬅️|
arrow_up ⬆️|arrow_down ⬇️|arrows_counterclockwise 🔄|repeat 🔁|leftwards_arrow_with_hook ↩️|information_source ℹ️|question ❓|grey_question ❔|
exclamation ❗|grey_exclamation ❕|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|red_circle 🔴|large_orange_circle 🟠|large_orange_diamond 🔶|
large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|white_circle ⚪|black_circle ⚫|green_circle 🟢|
smile 😄|smiley 😃|grinning 😀|grin 😁|joy 😂|sweat_smile 😅|slightly_smiling_face 🙂|simple_smile 🙂|blush 😊|wink 😉|heart_eyes 😍|
thinking_face 🤔|neutral_face 😐|confused 😕|worried 😟|cry 😢|sob 😭|angry 😠|rage 😡|scream 😱|sunglasses 😎|partying_face 🥳|
face_with_rolling_eyes 🙄|sleeping 😴|hugging_face 🤗|see_no_evil 🙈|shrug 🤷|facepalm 🤦|coffee ☕|birthday 🎂|gift 🎁|
thermometer 🌡️|sunny ☀️|rain_cloud 🌧️|snowflake ❄️|earth_africa 🌍|house 🏠|shopping_trolley 🛒|telephone_receiver 📞|phone ☎️|iphone 📱|
computer 💻|gb 🇬🇧|flag-gb 🇬🇧|flag-nl 🇳🇱|flag-de 🇩🇪|flag-fr 🇫🇷|100 💯|checkered_flag 🏁|label 🏷️|shield 🛡️|scales ⚖️|person_raising_hand 🙋`;

const BY_NAME = new Map(
  TABLE.split("|").map((pair) => pair.trim().split(" ")).filter((pair) => pair.length === 2),
);

/** What the reaction picker offers. */
export const PICKER = [
  "+1", "-1", "white_check_mark", "eyes", "tada", "pray", "heart", "joy", "thinking_face", "clap", "raised_hands", "rocket",
  "fire", "100", "wave", "bulb", "warning", "rotating_light", "x", "question", "hourglass_flowing_sand", "email", "tent", "hiking_boot",
];

/** :thumbsup::skin-tone-3: and "thumbsup" alike; null when unknown. */
export function emoji(name) {
  return BY_NAME.get(String(name).replace(/::skin-tone-\d$/, "").toLowerCase()) ?? null;
}

/** Names that start with `prefix`, best first, for the composer. */
export function emojiStartingWith(prefix, limit = 6) {
  return [...BY_NAME.entries()].filter(([name]) => name.startsWith(prefix.toLowerCase())).slice(0, limit);
}
