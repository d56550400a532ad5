import ArgumentParser
import Core
import Glibc
import Server

/// The one binary: a server, its clients and its care.
@main
struct Grayling: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grayling",
        abstract: "A registry for models and datasets that you run yourself.",
        discussion: """
            Begin with a server and a first publication:

              grayling serve
              grayling login http://127.0.0.1:7070
              grayling publish ./whale acme/whale@1.0.0
              grayling pull acme/whale@1.0.0

            Exit statuses: 0 done; 1 failed, or verification found damage; 64 the command line was not understood.
            With --json, answers are JSON on standard output, and so is a failure: {"error": {"code", "message"}}.
            """,
        version: GraylingServer.version,
        groupedSubcommands: [
            CommandGroup(name: "run", subcommands: [Serve.self]),
            CommandGroup(name: "who", subcommands: [Login.self, WhoAmICommand.self, Token.self]),
            CommandGroup(name: "publish and fetch", subcommands: [Publish.self, Pull.self, Verify.self]),
            CommandGroup(
                name: "browse and name",
                subcommands: [
                    Search.self, List.self, Show.self, Files.self, Log.self, Diff.self, Lineage.self, Tag.self, Alias.self, Branch.self,
                    Delete.self
                ]),
            CommandGroup(
                name: "deploy",
                subcommands: [
                    Pin.self, Plan.self, Apply.self, ReleaseCommand.self, Rollback.self, EndpointCommand.self, Why.self, Simulate.self,
                    TenantCommand.self, Webhook.self
                ]),
            CommandGroup(name: "care", subcommands: [Collect.self, Backup.self, Restore.self, Doctor.self])
        ])

    static func main() async {
        // A reader that goes away is an error of the write, not the end of us.
        signal(SIGPIPE, SIG_IGN)
        var wantsJSON = false
        do {
            let command = try parseAsRoot()
            wantsJSON = (command as? any ReportsFailure)?.output.json ?? false
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
            Terminal.end(0)
        } catch let code as ExitCode {
            Terminal.end(code.rawValue)
        } catch let error as HubError {
            Terminal.fail(error, json: wantsJSON)
        } catch is CancellationError {
            Terminal.fail(HubError(.unavailable, "stopped before it was done"), json: wantsJSON)
        } catch {
            exit(withError: error)
        }
    }
}

/// A command whose failures are also told as JSON where its user asked for that.
protocol ReportsFailure: SendableMetatype {
    var output: OutputOptions { get }
}
