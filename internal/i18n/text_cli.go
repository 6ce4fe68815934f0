package i18n

var textCLI = Texts{}
