package i18n

var textRecon = Texts{}
