package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/jackc/pgx/v5"

	"fenlu/internal/db"
)

// Handler is somebody to tell.
type Handler struct {
	// Name stands in the inbox; it never changes once events were handled.
	Name string
	// Handle does what an event asks for, in a transaction that also notes the
	// event in the inbox. It may run more than once and has no effect outside
	// tx. It gets every event and ignores those it has no use for. An error
	// keeps the event, and those of its subject behind it, for the next drain.
	Handle func(ctx context.Context, tx pgx.Tx, m Message) error
}

func checkHandlers(handlers []Handler) error {
	if len(handlers) == 0 {
		return errors.New("events: a relay without handlers would tell nobody and forget everything")
	}
	names := map[string]bool{}
	for _, h := range handlers {
		if h.Name == "" || h.Name == lockHandler || h.Handle == nil || names[h.Name] {
			return fmt.Errorf("events: handler %q has no name of its own or no function", h.Name)
		}
		names[h.Name] = true
	}
	return nil
}

// once is the handler as the router calls it: inbox and effect in one
// transaction, and a note on the receipt when that is committed.
func (h Handler) once(d *db.DB) message.NoPublishHandlerFunc {
	return func(msg *message.Message) error {
		m, err := decode(msg)
		if err != nil {
			return err
		}
		ctx := msg.Context()
		err = d.Run(ctx, func(tx pgx.Tx) error {
			first, err := insertInbox(ctx, tx, h.Name, m.ID)
			if err != nil || !first {
				return err
			}
			return h.Handle(ctx, tx, m)
		})
		if err == nil {
			receiptFrom(ctx).sign(h.Name)
		}
		return err
	}
}

// The metadata of a message in the router.
const (
	metaTopic   = "topic"
	metaSubject = "subject"
	metaAt      = "at"
)

// encode is a row of the outbox as the router's message. Events of one subject
// belong together, so the subject is the correlation id.
func encode(p pending) *message.Message {
	msg := message.NewMessage(strconv.FormatInt(p.ID, 10), p.Payload)
	msg.Metadata.Set(metaTopic, p.Topic)
	msg.Metadata.Set(metaSubject, p.Subject)
	msg.Metadata.Set(metaAt, p.CreatedAt.Format(time.RFC3339Nano))
	middleware.SetCorrelationID(p.Subject, msg)
	return msg
}

func decode(msg *message.Message) (Message, error) {
	id, err := strconv.ParseInt(msg.UUID, 10, 64)
	if err != nil {
		return Message{}, fmt.Errorf("message id: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, msg.Metadata.Get(metaAt))
	if err != nil {
		return Message{}, fmt.Errorf("message time: %w", err)
	}
	facts, err := decodeFacts(msg.Payload)
	if err != nil {
		return Message{}, err
	}
	return Message{ID: id, Topic: Topic(msg.Metadata.Get(metaTopic)), Subject: msg.Metadata.Get(metaSubject), Facts: facts, At: at}, nil
}

// receipt is what came of one delivery. It travels in the message's context.
// An acknowledgement alone proves nothing: the in-process Pub/Sub also
// acknowledges what it drops while closing, and what was sent to the poison
// queue.
type receipt struct {
	mu      sync.Mutex
	signed  map[string]bool
	refused []string // "handler: reason"
}

type receiptKey struct{}

func withReceipt(ctx context.Context, r *receipt) context.Context {
	return context.WithValue(ctx, receiptKey{}, r)
}

// receiptFrom is the receipt in ctx; the relay puts one into every message.
func receiptFrom(ctx context.Context) *receipt {
	r, ok := ctx.Value(receiptKey{}).(*receipt)
	if !ok {
		return &receipt{}
	}
	return r
}

func (r *receipt) sign(handler string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.signed == nil {
		r.signed = map[string]bool{}
	}
	r.signed[handler] = true
}

func (r *receipt) refuse(handler, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first, _, _ := strings.Cut(reason, "\n")
	r.refused = append(r.refused, handler+": "+first)
}

// verdict is nil if every handler has signed.
func (r *receipt) verdict(handlers []Handler) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.refused) > 0 {
		return errors.New(strings.Join(r.refused, "; "))
	}
	for _, h := range handlers {
		if !r.signed[h.Name] {
			return fmt.Errorf("%s: did not answer", h.Name)
		}
	}
	return nil
}

// poison is where the router puts messages that a handler could not cope with:
// the outbox still has them, so it only notes on the receipt that they stay.
type poison struct{}

// Publish notes each message's refusal.
func (poison) Publish(_ string, messages ...*message.Message) error {
	for _, m := range messages {
		handler, reason := m.Metadata.Get(middleware.PoisonedHandlerKey), m.Metadata.Get(middleware.ReasonForPoisonedKey)
		receiptFrom(m.Context()).refuse(handler, reason)
	}
	return nil
}

// Close has nothing to close.
func (poison) Close() error { return nil }
