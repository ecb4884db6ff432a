// Reads the files of deploy/ with the libraries that will read them for real:
//
//	check compose FILE [PROFILE…]   loads a Compose file as Docker Compose does; prints the services
//	check kustomize DIR             builds an overlay as kustomize does; prints the manifests
//	check monitors                  parses the ServiceMonitors among the manifests on standard input strictly
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 2 && args[0] == "compose":
		return compose(args[1], args[2:])
	case len(args) == 2 && args[0] == "kustomize":
		return kustomize(args[1])
	case len(args) == 1 && args[0] == "monitors":
		return monitors(os.Stdin)
	}
	return errors.New("usage: check compose FILE [PROFILE…] | check kustomize DIR | check monitors")
}

func compose(file string, profiles []string) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithProfiles(profiles), cli.WithConsistency(true))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	text, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	return nil
}

func kustomize(dir string) error {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return err
	}
	text, err := built.AsYaml()
	if err != nil {
		return err
	}
	fmt.Print(string(text))
	return nil
}

func monitors(in io.Reader) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	found := 0
	for _, document := range strings.Split(string(text), "\n---\n") {
		if !strings.Contains(document, "\nkind: ServiceMonitor\n") {
			continue
		}
		var monitor monitoring.ServiceMonitor
		if err := yaml.UnmarshalStrict([]byte(document), &monitor); err != nil {
			return err
		}
		found++
	}
	fmt.Printf("%d service monitors\n", found)
	return nil
}
