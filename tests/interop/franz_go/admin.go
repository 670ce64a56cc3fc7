// An admin client of franz-go: what it does with a cluster, step by step; each line of the output is one step that was done.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]), kgo.ClientID("stranger"))
	check("connect", err)
	admin := kadm.NewClient(client)
	defer admin.Close()

	_, err = admin.CreateTopic(ctx, 2, 3, nil, "made")
	check("create", err)
	grown, err := admin.UpdatePartitions(ctx, 4, "made")
	check("grow", first(err, grown.Error()))
	value := "1234567"
	altered, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Name: "retention.ms", Value: &value}}, "made")
	check("alter", err)
	for _, one := range altered {
		check("alter "+one.Name, one.Err)
	}
	moved := kadm.Offsets{}
	moved.AddOffset("orders", 0, 1, -1)
	check("move positions", admin.CommitAllOffsets(ctx, "app", moved))
	positions, err := admin.FetchOffsets(ctx, "app")
	check("positions", first(err, positions.Error()))
	at, _ := positions.Lookup("orders", 0)
	fmt.Println("at", at.At)
	groups, err := admin.DescribeGroups(ctx, "app")
	check("group", first(err, groups.Error()))
	fmt.Println("group", groups["app"].State)
	listed, err := admin.ListGroups(ctx)
	check("groups", err)
	fmt.Println("groups", listed.Groups())
	ends, err := admin.ListEndOffsets(ctx, "orders")
	check("offsets", first(err, ends.Error()))
	_, err = admin.DeleteTopic(ctx, "made")
	check("delete", err)
	_, err = admin.DeleteGroup(ctx, "app")
	check("delete group", err)
}

func first(one, other error) error {
	if one != nil {
		return one
	}
	return other
}

func check(step string, err error) {
	if err != nil {
		fmt.Println("failed:", step, err)
		os.Exit(1)
	}
	fmt.Println(step)
}
