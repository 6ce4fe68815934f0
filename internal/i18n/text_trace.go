package i18n

var textTrace = Texts{}
