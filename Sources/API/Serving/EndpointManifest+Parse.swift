package import Core
import Release
import Yams

extension EndpointManifest {
    /// Reads the endpoint called `name` of a file that may hold several YAML documents, or its only
    /// one. A sentence about a mistake names the line.
    package static func parse(_ text: String, endpoint name: EndpointName? = nil) throws(HubError) -> EndpointManifest {
        let all = try parseAll(text)
        guard let name else {
            guard let only = all.first, all.count == 1 else {
                let names = all.map(\.spec.name.text)
                throw HubError(
                    .invalidRequest,
                    all.isEmpty
                        ? "the manifest has no endpoint: write a document with apiVersion: serving/v1 and kind: Endpoint, see 'grayling plan --help'"
                        : "the manifest has the endpoints \(names.joined(separator: ", ")): a plan is for one of them; name it")
            }
            return only
        }
        guard let found = all.first(where: { $0.spec.name == name }) else {
            throw HubError(
                .invalidRequest,
                "the manifest has no endpoint '\(name)': expected one of \(all.map(\.spec.name.text).joined(separator: ", "))")
        }
        return found
    }

    /// Every endpoint of the file, in its order; documents of other kinds are left to their readers.
    package static func parseAll(_ text: String) throws(HubError) -> [EndpointManifest] {
        guard text.utf8.count <= DeployManifest.longest else {
            throw HubError(.tooLarge, "the deploy manifest has \(text.utf8.count) bytes; at most \(DeployManifest.longest) are read")
        }
        var found: [EndpointManifest] = []
        for node in try DeployManifest.documents(of: text) {
            let document = try YAMLMap(node, what: "the document")
            let version = try document.require("apiVersion").text
            let kind = try document.require("kind").text
            switch (version, kind) {
            case ("serving/v1", "Endpoint"):
                let manifest = try read(document)
                guard !found.contains(where: { $0.spec.name == manifest.spec.name }) else {
                    throw document.fail("the file has two endpoints '\(manifest.spec.name)'; keep one")
                }
                found.append(manifest)
            case ("grayling/v1", "Deployment"): continue
            default:
                throw document.fail(
                    "apiVersion '\(version)' with kind '\(kind)' is unknown: expected grayling/v1 Deployment or serving/v1 Endpoint")
            }
        }
        return found
    }

    private static func read(_ document: YAMLMap) throws(HubError) -> EndpointManifest {
        try document.allow(["apiVersion", "kind", "metadata", "spec", "release"])
        let metadata = try document.require("metadata").map
        try metadata.allow(["name"])
        let nameText = try metadata.require("name").text
        let name = try metadata.naming("name") { () throws(HubError) in try EndpointName(parsing: nameText) }
        let map = try document.require("spec").map
        try map.allow([
            "publicNames", "protocol", "model", "runtime", "assignment", "rules", "limits", "objectives", "access", "emergency", "keepReleases"
        ])
        let runtime = try readRuntime(try map.require("runtime").map)
        let release = try readRelease(try document.optional("release")?.map, in: document)
        var manifest = EndpointManifest(
            spec: try readSpec(map, name: name), model: try readModel(map), runtime: runtime.spec, accelerator: runtime.accelerator,
            strategy: release.strategy, golden: release.golden)
        try check(&manifest, document: document, spec: map)
        return manifest
    }

    private static func readModel(_ spec: YAMLMap) throws(HubError) -> DeployModel {
        let map = try spec.require("model").map
        try map.allow(["name", "digest"] + DeployPin.keys)
        let text = try map.require("name").text
        let repo = try map.naming("name") { () throws(HubError) in try RepoName(.model, parsing: text) }
        return try DeployManifest.model(map, alias: repo.name, repo: repo, keys: DeployPin.keys)
    }
}
