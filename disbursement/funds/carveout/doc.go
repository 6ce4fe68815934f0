// Package carveout is the arithmetic of the purchased-service share
// (购买服务列支): a floor over a named base, a cap inside one fund, and what
// money may be used to get there. The reserve's arithmetic is here too.
//
// The nouns: Source is one line of the year's money; the capped fund is the
// one that may pay only up to the cap (困难群众救助补助资金); payers are the
// other funds that may pay (社会救助工作经费 …); a barred source is money that
// its own rules keep from paying for services (central money). Stage is how
// far the purchases have come, by capped fund and others.
//
// Kept here: the floor is rounded up to the fen and the cap down, so that
// neither rule is ever broken by a rounding; the base is named by a decision
// and never guessed; where both rules cannot be kept together the result says
// so, with the amount that is missing.
//
// It does not know documents, contracts, accounts or the database; whoever
// calls it brings the figures and the names of their sources.
package carveout
