// What the phone itself says, in its owner's language where we have it.
export const WORDS = {
  en: {
    bot: "bot", typing: "typing…", message: "Message", start: "START", restart: "RESTART", send: "Send", attach: "Attach",
    more: "More", about: "What can this bot do?", reply: "Reply", edit: "Edit", remove: "Delete", forward: "Forward",
    forwardTo: "Forward to", keepButtons: "Keep the buttons, as a careless client might", cancel: "Cancel",
    edited: "edited", gone: "Message deleted", forwarded: "Forwarded message", block: "Stop and block bot",
    unblock: "Unblock bot", closedAccount: "This account was deleted.", photo: "Photo", document: "Document", voice: "Voice message",
    sticker: "Sticker", contact: "Contact", location: "Location", toEnd: "To the newest message", chat: "Chat",
    empty: "No messages here yet. Press START to begin.", invited: "An invitation for you has arrived. Press START to open it.", copied: "Copied", read: "read by the bot", sent: "sent", choose: "Choose a person to see their phone.",
  },
  ja: {
    bot: "ボット", typing: "入力中…", message: "メッセージ", start: "開始", restart: "再開", send: "送信", attach: "添付",
    more: "その他", about: "このボットにできること", reply: "返信", edit: "編集", remove: "削除", forward: "転送",
    forwardTo: "転送先", keepButtons: "ボタンも残す（不注意なアプリの場合）", cancel: "キャンセル",
    edited: "編集済み", gone: "削除されたメッセージ", forwarded: "転送されたメッセージ", block: "ボットを停止してブロック",
    unblock: "ブロックを解除", closedAccount: "このアカウントは削除されました。", photo: "写真", document: "ファイル", voice: "音声メッセージ",
    sticker: "スタンプ", contact: "連絡先", location: "位置情報", toEnd: "最新のメッセージへ", chat: "チャット",
    empty: "まだメッセージはありません。「開始」を押すと始まります。", invited: "招待が届いています。「開始」を押して開いてください。", copied: "コピーしました", read: "ボットが受信済み", sent: "送信済み", choose: "電話を見る人を選んでください。",
  },
};
export const THING_ICONS = { photo: "🖼️", document: "📄", voice: "🎙️", sticker: "👍", contact: "👤", location: "📍" };
