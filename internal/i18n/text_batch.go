package i18n

var textBatch = Texts{}
