package i18n

var textBankfiles = Texts{}
