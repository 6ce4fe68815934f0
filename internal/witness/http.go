package witness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"fenlu/internal/errs"
	"fenlu/ledger/proof/checkpoint"
)

// bodyLimit is more than any request needs: 63 hashes and a hundred signatures.
const bodyLimit = 64 << 10

// AddPath is where a witness takes requests.
const AddPath = "/add-checkpoint"

// SizeType is the content type of an answer that says which size is known.
const SizeType = "text/x.tlog.size"

// Handler answers POST /add-checkpoint (C2SP tlog-witness).
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+AddPath, func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, bodyLimit))
		if err != nil {
			http.Error(rw, "request too large", http.StatusRequestEntityTooLarge)
			return
		}
		lines, err := w.answer(body)
		if err != nil {
			refuse(rw, err)
			return
		}
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = rw.Write(lines)
	})
	return mux
}

func (w *Witness) answer(body []byte) ([]byte, error) {
	r, err := checkpoint.ParseRequest(body)
	if err != nil {
		return nil, err
	}
	return w.Add(r)
}

// refuse says no in the words of the protocol; the code says why.
func refuse(rw http.ResponseWriter, err error) {
	code := errs.CodeOf(err)
	if size, ok := sizeKnown(err); ok {
		rw.Header().Set("Content-Type", SizeType)
		rw.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(rw, "%d\n", size)
		return
	}
	http.Error(rw, code, status(code))
}

// sizeKnown is the size a conflict answers with.
func sizeKnown(err error) (any, bool) {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return nil, false
	}
	name := map[string]string{"WITNESS_OLD": "size", "CHECKPOINT_SMALLER": "old", "CHECKPOINT_OTHER_ROOT": "old"}[e.Code]
	for _, a := range e.Args {
		if a.Name == name {
			return a.Value, true
		}
	}
	return nil, false
}

func status(code string) int {
	switch code {
	case "CHECKPOINT_REQUEST", "CHECKPOINT_DAMAGED", "WITNESS_OLD_GREATER":
		return http.StatusBadRequest
	case "WITNESS_UNKNOWN":
		return http.StatusNotFound
	case "CHECKPOINT_UNSIGNED", "CHECKPOINT_FORGED", "CHECKPOINT_ORIGIN":
		return http.StatusForbidden
	case "CHECKPOINT_PROOF":
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}

// stopTime is how long requests under way may take when the server stops.
const stopTime = 5 * time.Second

// Serve answers on a listener until ctx ends.
func (w *Witness) Serve(ctx context.Context, l net.Listener) error {
	s := &http.Server{Handler: w.Handler(), ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err := s.Shutdown(stop)
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
