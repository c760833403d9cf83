# RunawayGuard for Nix and NixOS. What the project's own tests do with this file is to read it: they have no Nixpkgs to build it.
#
#   nix run ./packaging/nix
#
# On NixOS, with this flake among the inputs: imports = [ runaway-guard.nixosModules.default ];
{
  description = "Notices the process that has run away";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      packages = nixpkgs.lib.genAttrs systems (system: {
        default = nixpkgs.legacyPackages.${system}.callPackage ./package.nix { };
      });

      nixosModules.default =
        { lib, pkgs, ... }:
        let
          package = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
        in
        {
          environment.systemPackages = [ package ];
          # The unit is the package's; NixOS enables none by itself, and would give it a PATH in which it is not.
          systemd.packages = [ package ];
          systemd.user.services.runaway-guard = {
            wantedBy = [ "graphical-session.target" ];
            path = lib.mkForce [ ];
          };
        };
    };
}
