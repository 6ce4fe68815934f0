package simbank

// answer is what one result says of a payment.
type answer uint8

const (
	answerSilent  answer = iota // not named
	answerPaid                  // 成功
	answerFailed                // 失败
	answerUnknown               // 处理中、结果未知
	answerPartly                // 部分成功
)

// share is how much of a payment is booked.
type share uint8

const (
	shareNone share = iota
	shareHalf       // rounded up
	shareWhole
)

// back says when the money is returned.
type back uint8

const (
	backNever back = iota
	backDue        // after Options.ReturnAfterDays
	backLate       // lateDays after that
)

// lateDays puts a late return into another month.
const lateDays = 45

// course is all that follows from a fate.
type course struct {
	first, query answer // of the first and of the query result
	also         answer // of the first result, in a second row
	share        share
	back         back
	again        bool // what came back is taken again a day later
}

func (c course) says(a answer) bool { return c.first == a || c.query == a || c.also == a }

// course is the one table of fates.
func (f fate) course() course {
	return [...]course{
		fateCredited:      {first: answerPaid, share: shareWhole},
		fateFailed:        {first: answerFailed},
		fateForgotten:     {query: answerPaid, share: shareWhole},
		fateReturned:      {first: answerPaid, share: shareWhole, back: backDue},
		fateLost:          {},
		fateOmitted:       {share: shareWhole},
		fateUnknownPaid:   {first: answerUnknown, query: answerPaid, share: shareWhole},
		fateUnknownFailed: {first: answerUnknown, query: answerFailed},
		fatePartial:       {first: answerPartly, share: shareHalf},
		fateLate:          {first: answerPaid, share: shareWhole, back: backLate},
		fateTakenAgain:    {first: answerPaid, share: shareWhole, back: backDue, again: true},
		fateTwoAnswers:    {first: answerPaid, also: answerFailed, share: shareWhole},
	}[f]
}
