package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// maxBody bounds an answer: a page of 50 full playlists stays below it.
const maxBody = 4 << 20

// request is one question to the Web API.
type request struct {
	question string
	route    string // as the report shows it
	path     string // below the API's address
	query    url.Values
	header   http.Header
}

// ask sends a request and adds its answer to the report. The body is nil where
// it is no JSON. look adds to the answer what the body says.
func (p *prober) ask(ctx context.Context, r request, look func(a *Answer, status int, body any, header http.Header)) error {
	if len(p.report.Answers) >= maxAnswers {
		p.report.Stopped = "enough was asked"
		return errStop
	}
	if p.Progress != nil {
		p.Progress(r.question)
	}
	a := Answer{Question: r.question, Route: "GET " + r.route}
	status, body, header, err := p.get(ctx, r)
	if err != nil {
		// An error of the transport may name the address, and with it ids.
		p.report.Answers = append(p.report.Answers, a)
		p.report.Stopped = "no answer"
		return errStop
	}
	a.Status, a.Shape = status, shapeOf(body)
	a.RetryAfter, _ = strconv.Atoi(header.Get("Retry-After")) // 0 for none
	a.Reason, a.Message = errorWords(body)
	if look != nil {
		look(&a, status, body, header)
	}
	p.report.Answers = append(p.report.Answers, a)
	if status == http.StatusTooManyRequests {
		p.report.Stopped = "Spotify asked to wait"
		return errStop
	}
	return nil
}

func (p *prober) get(ctx context.Context, r request) (status int, body any, header http.Header, err error) {
	address := p.APIURL + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("asking %s: %w", r.route, err)
	}
	for name, values := range r.header {
		request.Header[name] = values
	}
	request.Header.Set("Authorization", "Bearer "+p.Token.Access.Reveal())
	answer, err := p.HTTP.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("reading the answer to %s: %w", r.route, err)
	}
	if json.Unmarshal(text, &body) != nil {
		body = nil
	}
	return answer.StatusCode, body, answer.Header, nil
}

// object, list, text, number read a decoded body; the zero value where there
// is something else.
func object(body any, names ...string) map[string]any {
	for _, name := range names {
		body = object(body)[name]
	}
	o, _ := body.(map[string]any)
	return o
}

func list(body any, name string) []any {
	l, _ := object(body)[name].([]any)
	return l
}

func text(body any, name string) string {
	s, _ := object(body)[name].(string)
	return s
}

func number(body any, name string) int {
	n, _ := object(body)[name].(float64)
	return int(n)
}
