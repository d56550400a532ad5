import PackagePlugin

/// Turns the text files of a target into Swift string literals at build time, so that the
/// program is one file. Each target that uses it gets `enum Embedded` with one entry a file.
@main
struct EmbedText: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        guard let target = target as? SourceModuleTarget else { return [] }
        let wanted: Set<String> = ["sql", "css", "js", "html", "mustache", "txt", "svg"]
        let inputs = target.sourceFiles.map(\.url).filter { wanted.contains($0.pathExtension) }
            .sorted { $0.path < $1.path }
        let output = context.pluginWorkDirectoryURL.appending(path: "Embedded.swift")
        return [
            .buildCommand(
                displayName: "Embed \(inputs.count) text files of \(target.name)",
                executable: try context.tool(named: "embed-text").url,
                arguments: [output.path] + inputs.map(\.path),
                inputFiles: inputs,
                outputFiles: [output])
        ]
    }
}
