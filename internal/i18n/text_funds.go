package i18n

var textFunds = Texts{}
