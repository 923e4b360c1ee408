// The SDK for Go. What it does is said in scripts/foreign-clients.ts.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func done(step string) { fmt.Println("done " + step) }

var answers = bufio.NewReader(os.Stdin)

func ask(what string) {
	fmt.Println("ask " + what)
	if _, err := answers.ReadString('\n'); err != nil {
		log.Fatal(err)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	changed := make(chan struct{}, 100)
	client := mcp.NewClient(&mcp.Implementation{Name: "foreign", Version: "1"}, &mcp.ClientOptions{
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"confirm": true}}, nil
		},
		ResourceListChangedHandler: func(context.Context, *mcp.ResourceListChangedRequest) {
			changed <- struct{}{}
		},
	})
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{Endpoint: os.Args[1]},
		&mcp.ClientSessionOptions{ProtocolVersion: os.Args[2]})
	if err != nil {
		log.Fatal(err)
	}
	call := func(name string, args map[string]any, expected string) {
		result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: args})
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		var text strings.Builder
		for _, block := range result.Content {
			if one, ok := block.(*mcp.TextContent); ok {
				text.WriteString(one.Text + "\n")
			}
		}
		if result.IsError || !strings.Contains(text.String(), expected) {
			log.Fatalf("%s: %s", name, text.String())
		}
	}
	fmt.Println("version " + session.InitializeResult().ProtocolVersion)
	done("handshake")
	tools, err := session.ListTools(ctx, nil)
	if err != nil || len(tools.Tools) < 10 {
		log.Fatal("tools: ", err)
	}
	done("list")
	call("search", map[string]any{"query": "watering the fern"}, "fern")
	done("search")
	call("find", map[string]any{"collection": "plants"}, "fern")
	done("find")
	call("update", map[string]any{
		"collection": "plants",
		"filter":     map[string]any{"_id": 1},
		"update":     map[string]any{"$set": map[string]any{"checked": true}},
	}, `"changed":1`)
	done("confirmed update")
	ask("idle")
	call("find", map[string]any{"collection": "plants", "filter": map[string]any{"checked": true}}, "fern")
	done("idle beyond the limit")
	for len(changed) > 0 {
		<-changed
	}
	ask("change")
	select {
	case <-changed:
	case <-time.After(30 * time.Second):
		log.Fatal("no list-changed came")
	}
	done("list-changed")
	ask("restart")
	call("find", map[string]any{"collection": "plants"}, "fern")
	done("restart")
	session.Close()
}
