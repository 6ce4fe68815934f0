package i18n

var textEvents = Texts{}
