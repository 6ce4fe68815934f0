package i18n

var textParties = Texts{}
