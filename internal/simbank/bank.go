package simbank

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// ErrUnknown is returned for a file id or an account the bank has never seen.
var ErrUnknown = errors.New("simbank: not known to the bank")

// Bank is an open bank. It is safe for concurrent use within one process.
type Bank struct {
	mu    sync.Mutex
	opt   Options
	store *store

	answers  map[string]*answered // by SHA-256 of the file, refused ones included
	orders   map[string]*order    // accepted, by file id
	payments map[string]*order    // accepted, by end-to-end id
	funding  []credit
	closed   Day // nothing is booked on or before it any more
}

// answered is a file the bank has dealt with, accepted or refused.
type answered struct {
	order    *order
	refusals []Refusal
	on       Day // received
}

// credit is money that came in from the treasury (财政拨款).
type credit struct {
	event    // as asked for
	bookedOn Day
}

// File is a file the bank hands out.
type File struct {
	Name    string
	Profile string
	Bytes   []byte
	// Lines is the number of payments it speaks about.
	Lines int
}

// Answer is what the bank says to a payment file at once.
type Answer struct {
	// FileID as read from the file; empty when it could not be read.
	FileID   string
	Accepted bool
	// Repeated says that these very bytes were received before and nothing changed.
	Repeated bool
	// BookedOn is the day of the debit, if accepted.
	BookedOn Day
	// Refusals are the reasons of a refused file, at most 50.
	Refusals []Refusal
	// Files: result no. 1 of an accepted file, in parts if the bank splits it;
	// none yet if the bank draws its statement before (StatementFirst): then the
	// same file again, after that day was closed, is answered by them. For a refused pain.001 with a
	// readable id a pain.002 saying so; else empty.
	Files []File
}

// Open opens the bank in dir, which is created if need be, and derives its books
// from what it received. The options of a directory never change.
func Open(dir string, opt Options) (*Bank, error) { return open(dir, opt, nil) }

func open(dir string, opt Options, step func() error) (*Bank, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	s, err := openStore(dir, step)
	if err != nil {
		return nil, err
	}
	if err := s.settle(opt); err != nil {
		return nil, err
	}
	b := &Bank{
		opt: opt, store: s,
		answers: map[string]*answered{}, orders: map[string]*order{}, payments: map[string]*order{},
	}
	past, err := s.events()
	if err != nil {
		return nil, err
	}
	for _, e := range past {
		if err := b.replay(e); err != nil {
			return nil, err
		}
	}
	return b, b.writeLedger()
}

func (b *Bank) replay(e event) error {
	switch e.Kind {
	case eventFile:
		raw, err := b.store.body(e.SHA256)
		if err != nil {
			return err
		}
		b.enter(b.examine(e.Name, raw, e.SHA256), e.Day)
	case eventFunding:
		b.credit(e)
	case eventClose:
		b.closed = e.Day
	default:
		return fmt.Errorf("simbank: unknown event %q", e.Kind)
	}
	return nil
}

// Receive takes a payment file on a day. A bad file is not an error but a refused
// answer; an error means that the bank could not do its work and may be asked again.
// It is booked on the latest of that day, the day the file asks for, and the first
// day that is not closed.
func (b *Bank) Receive(name string, raw []byte, on Day) (Answer, error) {
	if err := on.check(); err != nil {
		return Answer{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	digest := hashHex(raw)
	a := b.examine(name, raw, digest)
	if known, ok := b.answers[a.order.digest]; ok {
		answer := b.answer(known)
		answer.Repeated = true
		return answer, b.writeLedger()
	}
	if err := b.store.put(receivedDir+"/"+digest, raw); err != nil {
		return Answer{}, err
	}
	if err := b.store.append(event{Kind: eventFile, Day: on, Name: name, SHA256: digest}); err != nil {
		return Answer{}, err
	}
	b.enter(a, on)
	return b.answer(a), b.writeLedger()
}

// examine reads a file and decides whether it is taken.
func (b *Bank) examine(name string, raw []byte, digest string) *answered {
	var r refusals
	s := styleOf(name, raw)
	if s == nil {
		r.add(1, refuseFormat, "无法识别的文件格式")
		return &answered{order: &order{digest: digest}, refusals: r.list}
	}
	o := s.readBatch(raw, &r)
	o.digest = digest
	if s.headless() {
		b.identify(o, name, &r)
	}
	if !o.broken {
		checkOrder(o, &r)
		b.checkRepeats(o, &r)
	}
	return &answered{order: o, refusals: r.list}
}

// identify completes a batch without a head: its id is the file's name up to the
// first dot, so that the same bytes under another name are another batch, and it
// draws on the account that was agreed. Where its payments have no ids, the bank
// calls them by file and row.
func (b *Bank) identify(o *order, name string, r *refusals) {
	var rest string
	o.fileID, rest, _ = strings.Cut(name, ".")
	o.account = b.opt.Account
	o.digest = hashHex([]byte(o.digest + "|" + o.fileID))
	if stated, _, ok := strings.Cut(rest, "."); ok && !o.broken && stated != decimal(len(o.lines)) {
		r.add(0, refuseTotals, "文件名中的笔数与明细不符")
	}
	for i := range o.lines {
		if l := &o.lines[i]; l.endToEnd == "" {
			l.endToEnd = o.fileID + "-" + decimal(l.seq)
		}
	}
}

// checkRepeats refuses ids that were accepted before. Ids of refused files are
// free: the customer may correct the file and send it again.
func (b *Bank) checkRepeats(o *order, r *refusals) {
	if _, taken := b.orders[o.fileID]; taken {
		r.add(0, refuseFile, "文件标识"+o.fileID+"已受理，内容不同")
	}
	for i := range o.lines {
		l := &o.lines[i]
		if earlier, taken := b.payments[l.endToEnd]; taken {
			r.add(l.at, refuseTwice, "端到端标识已在文件"+earlier.fileID+"中受理")
		}
	}
}

// enter books an examined file.
func (b *Bank) enter(a *answered, on Day) {
	o := a.order
	b.answers[o.digest] = a
	a.on = on
	if len(a.refusals) > 0 {
		o.lines = nil
		return
	}
	o.bookedOn = max(on, o.requested, b.firstOpen())
	decide(o, b.opt)
	for i := range o.lines {
		b.payments[o.lines[i].endToEnd] = o
		if o.lines[i].isBooked() {
			o.bookedSum += o.lines[i].booked()
			o.bookedRows++
		}
	}
	b.orders[o.fileID] = o
}

func (b *Bank) credit(e event) {
	b.funding = append(b.funding, credit{event: e, bookedOn: max(e.Day, b.firstOpen())})
}

func (b *Bank) firstOpen() Day {
	if b.closed == "" {
		return ""
	}
	return b.closed.Add(1)
}

func (b *Bank) answer(a *answered) Answer {
	o := a.order
	answer := Answer{FileID: o.fileID, Accepted: len(a.refusals) == 0, Refusals: a.refusals}
	switch {
	case answer.Accepted:
		answer.BookedOn = o.bookedOn
		answer.Files = b.firstResults(o)
	case o.profile == ProfilePain001 && isID(o.fileID):
		answer.Files = []File{refusalReport(a)}
	}
	return answer
}

func hashHex(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// reference is a bank reference that depends on what it names only: a letter, the
// day and 20 hex digits.
func reference(letter string, day Day, parts ...string) string {
	return letter + day.compact() + hashHex([]byte(strings.Join(parts, "|")))[:20]
}
