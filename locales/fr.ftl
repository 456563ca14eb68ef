# Les textes de Vestibule en français. Les valeurs entre { } portent le même nom que dans le code.
#
# Glossaire (anglais – français). Chaque terme n’a qu’une traduction.
#
# account – compte
# admin – administrateur
# Admin (role in a workspace) – Admin
# adopt (a certificate) – adopter
# API key – clé d’API
# app tile – vignette de l’application
# appliance, installation – installation
# assertion – assertion
# attempt – tentative
# audit log – journal d’audit
# branding – identité visuelle
# browser – navigateur
# Callback URL – URL de rappel
# certificate – certificat
# claim – revendication
# clock – horloge
# confirm that it is you – confirmer son identité
# connection (to an identity provider) – configuration SSO
# console – console
# disable, enable (a person) – désactiver, réactiver
# discard (an e-mail) – abandonner
# dismiss, hide – masquer
# Doctor – Diagnostic
# draft, ready (a connection) – brouillon, prête
# e-mail (address) – adresse e-mail
# e-mail (message) – e-mail
# end (a session) – fermer
# entity ID – ID d’entité
# expire – expirer
# fingerprint – empreinte
# first-run set-up link – lien de première configuration
# fresh sign-in – nouvelle authentification
# grant – accès
# identity provider – fournisseur d’identité
# invitation – invitation
# issuer – émetteur
# lifetime – durée
# mail server – serveur de messagerie
# member – membre
# metadata – métadonnées
# operator – opérateur
# organisation – organisation
# organisation admin – administrateur de l’organisation
# our keys – nos clés
# password – mot de passe
# password link, reset link – lien de mot de passe, lien de réinitialisation
# people – personnes
# plan – offre
# portal key – clé du portail
# Portal URL – URL du portail
# Power User (role in a workspace) – Utilisateur avancé
# recovery, by recovery – récupération, par récupération
# recovery code – code de récupération
# reference – référence
# refuse – refuser
# reject (a certificate) – rejeter
# reminder, remind – rappel, envoyer un rappel
# remove (a person) – retirer
# request – requête
# response – réponse
# retire (keys) – retirer
# revoke – révoquer
# role – rôle
# rotate (keys) – renouveler
# rule – règle
# SAML-only – mode SAML exclusif, authentification SAML exclusive
# scope – portée
# session – session
# set-up link – lien de configuration
# sign in – se connecter
# sign-in – connexion
# sign out – se déconnecter
# sign-on URL – URL de connexion
# single sign-on – authentification unique (SSO)
# SSO – le SSO, via le SSO
# test sign-in – connexion de test
# throttled, too many attempts – bloqué temporairement, trop de tentatives
# trace – trace
# withdraw (a link, an invitation, new keys) – annuler
# workspace – espace de travail

## Durations and times

hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
seconds =
    { $count ->
        [one] { $count } seconde
       *[other] { $count } secondes
    }
moment =
    { $day ->
        [1] 1er
       *[other] { $day }
    } { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    } { $year } à { $clock } UTC

## Refusals

already-ready = { $email } s’est déjà connecté via le SSO.
another-method-none = Cette organisation n’a actuellement aucune méthode de connexion pour vous. Adressez-vous à l’un de ses administrateurs.
another-method-password = Cette organisation exige une autre méthode de connexion. Reconnectez-vous avec votre mot de passe.
another-method-sso = Cette organisation exige une autre méthode de connexion. Connectez-vous par son portail SSO.
api-key-and-operators = Une clé d’API ne peut pas donner accès à un opérateur. Un opérateur doit le faire lui-même, en étant connecté.
assertion-used = Cette assertion a déjà été utilisée.
automatic-certificates-need-organisation-admin = Seul un administrateur de l’organisation peut autoriser l’adoption automatique des certificats.
body-not-json = Le corps de la requête n’est pas du JSON : { $cause } (ligne { $line }, colonne { $column }).
body-not-read = Le corps de la requête n’a pas pu être lu : il est interrompu ou endommagé.
body-too-large = Le corps de la requête ne peut pas dépasser { $limit } Kio.
certificate-in-metadata = Ce certificat figure dans les métadonnées de votre fournisseur d’identité. Il est proposé ici tant que les métadonnées le contiennent.
certificates-full = Il y a déjà quatre certificats. Supprimez d’abord celui qui ne sert plus.
confirm-through-sso = Votre mot de passe ne donne pas accès ici. Confirmez votre identité via l’authentification unique.
cross-site = Cette requête provient d’un autre site.
database-not-readable = Impossible de lire la base de données. Réessayez ; si cela persiste, prévenez l’opérateur.
database-not-writable = Impossible d’écrire dans la base de données. Rien n’a été modifié ; prévenez l’opérateur.
database-upgraded = La base de données a été mise à niveau par une autre version de Vestibule. Redémarrez le serveur avec cette version.
disabled = Votre compte est désactivé. Demandez à un opérateur de le réactiver.
first-run-done = Cette installation est déjà configurée : elle a des utilisateurs. Ajoutez un opérateur avec « vestibule operator add EMAIL » et une organisation avec « vestibule org create ».
first-run-link-used = Ce lien de première configuration a déjà servi, ou un lien plus récent a été affiché. Redémarrez Vestibule pour en obtenir un nouveau.
first-run-used-before = { $path } ne contient personne, mais la base a servi (organisations : { $organisations }, entrées du journal d’audit : { $lines }). Si des personnes se sont déjà connectées ici, la copie est incomplète ou n’est pas la bonne : n’ouvrez pas le lien de première configuration, et copiez à nouveau la base de données.
form-other-type = Le corps de la requête doit être un formulaire (Content-Type: application/x-www-form-urlencoded).
form-too-many = Un formulaire ne peut pas avoir plus de { $most } champs.
headers-too-large = Les en-têtes ne peuvent pas dépasser { $most } octets au total. Si un navigateur les a envoyés, supprimez ses cookies pour cet hôte.
internal = Une erreur s’est produite de notre côté. Communiquez ce numéro à l’opérateur : { $number }.
invitation-needs-saml = Cette organisation se connecte via SAML. Ouvrez à nouveau l’invitation.
invitation-of-organisation-admin = Cette invitation fait aussi de son destinataire un administrateur de l’organisation. Demandez à un administrateur de l’organisation ou à un opérateur de la modifier.
invitation-over = Cette invitation a été utilisée ou annulée, ou elle a expiré. Demandez à un administrateur de la renvoyer.
invitation-sign-in-first = Cette adresse e-mail a déjà un compte. Connectez-vous avec son mot de passe, puis ouvrez à nouveau l’invitation. Si le compte n’a pas encore de mot de passe, demandez à un opérateur un lien pour en définir un.
invitation-sign-in-first-with-mail = Cette adresse e-mail a déjà un compte. Connectez-vous avec son mot de passe, puis ouvrez à nouveau l’invitation. Si le compte n’a pas encore de mot de passe, définissez-en un avec « Mot de passe oublié ? » sur la page de connexion.
invitation-wrong-password = Cette adresse e-mail a un compte, mais ce n’est pas son mot de passe.
invited-already = Cette personne est déjà invitée. Renvoyez plutôt l’invitation.
keys-rotating = Deux générations de clés sont publiées. Retirez-en une d’abord.
inviter-admin = Un administrateur
inviter-operator = L’opérateur
language-name = Français
last-admin-of-workspace = C’est le dernier Admin de { $workspace }. Attribuez-y d’abord le rôle Admin à une autre personne.
last-keys = Ce sont les seules clés. Renouvelez-les avant de les retirer.
last-operator = C’est le dernier opérateur qui peut se connecter. Ajoutez d’abord un autre opérateur.
last-operator-known-passwords = Si ces mots de passe étaient invalidés, plus aucun opérateur ne pourrait se connecter. Faites d’abord définir un nouveau mot de passe à un autre opérateur, avec un lien de vestibule user reset-link.
last-organisation-admin = C’est le dernier administrateur de l’organisation. Nommez d’abord un autre administrateur.
last-workspace = C’est le dernier espace de travail de l’organisation : il ne peut pas être supprimé.
last-workspace-admin = C’est le dernier Admin de l’espace de travail. Attribuez d’abord ce rôle à une autre personne.
late = La requête a mis trop de temps à arriver. Vérifiez votre connexion Internet et réessayez.
insecure-http = Les programmes doivent utiliser { $url }. Un secret envoyé sans chiffrement peut être connu d’autres personnes : remplacez-le.
link-used-or-expired = Ce lien a déjà servi ou a expiré. Demandez-en un nouveau.
lock-out-by-plan = Plus personne ne pourrait se connecter avant une nouvelle connexion de test, car l’offre n’autorise que SAML. Demandez d’abord à un opérateur d’autoriser les mots de passe.
lock-out-by-saml-only = Plus personne ne pourrait se connecter avant une nouvelle connexion de test. Désactivez d’abord le mode SAML exclusif.
log-file-large = vestibule.db-wal fait { $kib } Kio. { $advice }
logo-only-image = Un logo ne peut être qu’une image.
mail-limit-of-address = Une même adresse peut recevoir { $most } invitations et rappels par jour.
mail-limit-of-invitation = Une invitation peut être envoyée { $most } fois par heure.
mail-limit-of-inviter = Vous pouvez envoyer { $most } invitations par heure.
mail-limit-of-plan =
    { $most ->
        [one] L’offre { $plan } permet d’envoyer { $most } invitation ou rappel par e-mail et par jour.
       *[other] L’offre { $plan } permet d’envoyer { $most } invitations et rappels par e-mail et par jour.
    }
mail-limit-wait = { $told } Réessayez dans { $wait }.
mail-link-expired = Le lien contenu dans ce message ne fonctionne plus. Abandonnez ce message et envoyez-en un nouveau.
malformed = La requête n’a pas pu être lue.
member-already = Cette personne est déjà membre de l’espace de travail.
metadata-address-needs-organisation-admin = Seul un administrateur de l’organisation peut modifier l’adresse des métadonnées d’une configuration SSO prête.
metadata-too-large = Les métadonnées ne peuvent pas dépasser 1 Mio.
no-mail-server = Aucun serveur de messagerie n’est configuré : aucun e-mail n’est envoyé. Démarrez Vestibule avec --smtp-url.
no-mail-server-for-reminders = Aucun serveur de messagerie n’est configuré : personne ne reçoit d’e-mail. Indiquez vous-même où se connecter : { $url }
no-organisation = Votre mot de passe est correct, mais vous n’appartenez à aucune organisation. Demandez une invitation à un administrateur de la vôtre.
no-sso-connection = { $organisation } n’a pas de configuration SSO. Enregistrez d’abord ses paramètres SSO.
not-organisation-admin = { $email } n’est pas administrateur de l’organisation { $organisation }. La liste de ses personnes indique qui l’est.
not-ready = La configuration SSO n’est pas prête. Effectuez d’abord sa connexion de test.
not-set-up = Vestibule n’est pas encore configuré. Ouvrez le lien de première configuration affiché à son démarrage.
operator-already = Cette personne est déjà opérateur.
operators-only = Seuls les opérateurs connectés avec leur mot de passe peuvent le faire.
organisation-admins-only = Seuls les administrateurs de l’organisation peuvent le faire. Adressez-vous à l’un d’eux.
other-address = Vous avez ouvert Vestibule à une mauvaise adresse. Utilisez plutôt { $home }.
own-callback-url = notre URL de rappel
own-entity-id = notre ID d’entité
own-metadata = une copie de nos propres métadonnées
own-page = une adresse de ce site
own-portal-url = notre URL du portail
own-password-needed = Connectez-vous avec votre propre mot de passe pour modifier votre compte.
password-changed-meanwhile = Votre mot de passe vient d’être modifié ailleurs. Reconnectez-vous.
password-set-by-api-key = Votre mot de passe a été défini avec un lien reçu par une clé d’API. Définissez-en d’abord un nouveau avec « Mot de passe oublié ? », puis ouvrez à nouveau ce lien.
path-too-long = Le chemin d’une adresse ne peut pas dépasser { $most } octets.
person-disabled = Le compte { $email } est désactivé. Réactivez-le d’abord.
person-exists = Il existe déjà une personne avec cette adresse e-mail.
person-needed = Une clé d’API ne peut pas le faire : une personne doit se connecter.
plan-full =
    { $what ->
        [max_members] { $limit ->
            [one] L’offre { $plan } est limitée à { $limit } membre. Demandez à l’opérateur une offre plus étendue.
           *[other] L’offre { $plan } est limitée à { $limit } membres. Demandez à l’opérateur une offre plus étendue.
        }
       *[max_workspaces] { $limit ->
            [one] L’offre { $plan } est limitée à { $limit } espace de travail. Demandez à l’opérateur une offre plus étendue.
           *[other] L’offre { $plan } est limitée à { $limit } espaces de travail. Demandez à l’opérateur une offre plus étendue.
        }
    }
plan-only-saml = L’offre n’autorise que SAML. Demandez à un opérateur d’autoriser les mots de passe ou de changer d’offre.
portal-key-taken = Cette clé du portail SSO est déjà prise. Choisissez-en une autre.
query-too-long = La partie requête d’une adresse ne peut pas dépasser { $most } octets.
query-too-many = La partie requête d’une adresse ne peut pas avoir plus de { $most } paramètres.
reauthenticate = Confirmez votre identité : reconnectez-vous, puis recommencez.
recovery-link-over = Ce lien de récupération a déjà servi, date de plus de 15 minutes, a été remplacé par un lien plus récent, ou son titulaire n’est plus administrateur de l’organisation. Demandez-en un nouveau à l’opérateur.
refused = L’adresse e-mail ou le mot de passe est incorrect. Vérifiez les deux et réessayez.
reminded-already = { $email } a reçu un rappel au cours des dernières 24 heures. Réessayez demain, ou parlez-lui directement.
removal-of-organisation-admin = Cette personne est administrateur de l’organisation. Seul un administrateur de l’organisation ou un opérateur peut la retirer.
sessions-of-organisation-admin = Cette personne est administrateur de l’organisation. Seul un administrateur de l’organisation ou un opérateur peut mettre fin à ses sessions.
response-too-large = La réponse ne peut pas dépasser 256 Kio.
saml-only-not-on = Le mode SAML exclusif n’est pas activé. Rien n’a été modifié.
saml-or-recovery-sign-in-first = Connectez-vous d’abord via SAML ou avec un code de récupération.
saml-sign-in-first = Connectez-vous d’abord vous-même via SAML : vous êtes ainsi sûr de ne pas perdre l’accès.
scope-needed = Cette clé n’a pas la portée { $scope }. Utilisez une clé qui l’a.
session-over = Votre session a pris fin. Reconnectez-vous.
set-up-link-limited = Un lien de configuration ne donne accès qu’à la configuration du SSO.
set-up-link-needed = Cette action exige le jeton d’un lien de configuration.
set-up-link-named = lien de configuration { $link }
set-up-link-over = Ce lien de configuration est inconnu, expiré ou révoqué. Demandez-en un nouveau.
setup-done = L’authentification unique est configurée et testée. Pour la modifier, un administrateur de l’organisation doit se connecter.
sign-in-finished = Cette connexion est déjà terminée.
sso-needs-plan = L’authentification unique est incluse dans l’offre Enterprise ; { $organisation } a l’offre { $plan }. Demandez à l’opérateur de changer d’offre.
sso-required = Votre organisation utilise l’authentification unique. Utilisez l’URL de son portail.
sso-required-elsewhere = Votre mot de passe est correct, mais aucune de vos organisations n’autorise les mots de passe. Adressez-vous à votre administrateur.
still-works = En attendant, vous pouvez vous connecter depuis un navigateur que vous avez déjà utilisé, ou via l’authentification unique.
still-works-with-mail = En attendant, vous pouvez vous connecter depuis un navigateur que vous avez déjà utilisé, via l’authentification unique ou avec un lien de réinitialisation reçu par e-mail.
stopping = Vestibule est en cours d’arrêt. Rien n’a été modifié ; réessayez dans une minute.
throttled = Trop de tentatives. Réessayez dans { $wait }.
too-many-guesses = Trop d’échecs de connexion pour ce compte. Réessayez dans { $wait }. { $meanwhile }
too-many-set-up-links = { $most } liens de configuration sont déjà actifs. Révoquez-en un d’abord.
unauthorized = Connectez-vous d’abord.
unknown-api-key = Cette clé d’API est inconnue.
waiting-certificates-full = Quatre certificats sont déjà en attente. Un administrateur de l’organisation doit d’abord les adopter ou les rejeter.
workspace-admins-only = Seuls les Admins de l’espace de travail peuvent le faire. Adressez-vous à l’un d’eux.
workspace-name-taken = Cette organisation a déjà un espace de travail de ce nom. Choisissez-en un autre.
wrong-current-password = Ce n’est pas votre mot de passe actuel.
wrong-method = Cette adresse n’accepte que { $allowed }.
wrong-password = Ce n’est pas votre mot de passe.

## Why a body is not JSON

json-colon-missing = il manque deux-points
json-comma-missing = il manque une virgule ou un crochet fermant
json-control-character = un texte contient un caractère de contrôle sans échappement
json-ends-early = il se termine trop tôt
json-escape = une séquence d’échappement n’est pas valable
json-key-not-quoted = un nom n’est pas entre guillemets droits
json-more-behind = quelque chose suit la fin de la valeur
json-no-value = une valeur était attendue
json-not-utf-8 = un texte n’est pas en UTF-8
json-number = un nombre n’est pas valable
json-too-deep = il a trop de niveaux imbriqués
json-trailing-comma = une virgule précède un crochet fermant

## Faults of a field: the end of a sentence that begins with the field's name

field-adoption-needs-metadata-url = exige metadata_url, où se trouvent les nouveaux certificats
field-application-host = { $value } doit être un hôte tel que wiki.example.com ou wiki.example.com:8443
field-application-hosts = doit contenir de 1 à { $most } hôtes
field-application-kind = doit être link, proxy ou oidc
field-application-url = doit être une URL http ou https sans nom d’utilisateur ni mot de passe, de 2 048 caractères au plus
field-auth-mode = doit être password, password_or_saml ou saml
field-authn-request = doit être une AuthnRequest du binding HTTP-Redirect
field-certificate-of-several = Le certificat { $number } sur { $of } { $message }
field-certificates-missing = Collez le certificat avec lequel votre fournisseur d’identité signe.
field-certificates-too-many = accepte quatre certificats au plus ; supprimez ceux qui ne servent plus
field-control-characters = ne doit pas contenir de caractères de contrôle
field-cursor = doit être le `next` d’une page précédente
field-date-or-time = doit être une date comme 2026-11-24, ou une date avec l’heure comme 2026-11-24T09:00:00Z
field-days = doit être compris entre 1 et { $most }
field-description = doit être une ligne de { $most } caractères au plus
field-email = doit être une adresse e-mail, par exemple ann@acme.test
field-email-ascii = ne peut contenir que des lettres sans accent (ASCII) ; utilisez une autre adresse
field-email-domain-ascii = ne peut contenir que des lettres sans accent (ASCII) ; écrivez un domaine international en punycode (xn--...)
field-empty = ne doit pas être vide
field-entity-id = doit comporter de 1 à 1 024 caractères sans espace, comme l’affiche le fournisseur
field-give-name-to-confirm = Pour confirmer, indiquez le nom de l’organisation : { $name }.
field-host = { $value } doit être un nom d’hôte comme mail.example.com, ou une adresse comme [192.0.2.7]
field-host-grant = { $value } doit être un nom d’hôte sans port, tel que wiki.example.com, ou *. suivi d’un nom, tel que *.apps.example.com
field-host-grant-own = ne doit pas contenir { $host }, l’hôte de ce serveur
field-invitations-or-text = ou text doit être fourni, mais pas les deux
field-language = doit être un code de langue, par exemple fr
field-life =
    { $unit ->
        [days] doit être compris entre 1 et { $most } jours, la limite de l’installation
       *[hours] doit être compris entre 1 et { $most } heures, la limite de l’installation
    }
field-limit = doit être égal ou supérieur à 1, ou vide s’il n’y a pas de limite
field-metadata-not-loaded = Le chargement a échoué : { $why }
field-metadata-or-values = Fournissez soit les métadonnées, soit les valeurs une par une, mais pas les deux.
field-metadata-own-value = contient l’une de nos propres valeurs : { $value } { $message }
field-metadata-url-leads-elsewhere = ne mène pas aux métadonnées d’un fournisseur d’identité : le contenu { $message }
field-metadata-url-or-values = Fournissez soit l’URL des métadonnées, soit les valeurs une par une, mais pas les deux.
field-missing = est obligatoire
field-name-id-format = doit être none, email, persistent, transient ou unspecified
field-name-or-logo = ou un logo doit être fourni ; DELETE supprime l’identité visuelle
field-name-too-long = ne doit pas dépasser 100 caractères
field-no-address = ne contient aucune adresse e-mail : indiquez-en au moins une
field-no-dry-run = n’est pas possible ici : cette requête ne permet pas de simulation
field-not-in-future = doit être dans le futur
field-not-member = doit être membre de cette organisation
field-not-member-invite-first = doit être membre de cette organisation ; invitez d’abord cette personne
field-not-object = doit être un objet JSON
field-one-of = doit être l’une de ces valeurs : { $choices }
field-only-oidc = est réservé aux applications OpenID Connect
field-only-proxy = est réservé aux applications de type proxy
field-own-certificate = est notre propre certificat, tiré de nos métadonnées ; collez celui du fournisseur
field-own-value =
    est { $ours }, qui va dans les paramètres du fournisseur ; { $field ->
        [sign_on_url] saisissez l’URL de connexion du fournisseur
        [idp_entity_id] saisissez l’ID d’entité (émetteur) du fournisseur
        [metadata_url] saisissez l’adresse des métadonnées du fournisseur
        [metadata_xml] chargez les métadonnées du fournisseur
       *[other] saisissez la valeur du fournisseur
    }
field-page-limit = doit être compris entre 1 et 200
field-password-easy = est trop facile à deviner ; ajoutez un autre mot peu courant.
field-password-easy-since = est trop facile à deviner ; ajoutez un autre mot peu courant. { $warning }
field-password-own-words = est trop facile à deviner ; ajoutez un autre mot peu courant. Votre nom, votre adresse et le nom de vos organisations ne le renforcent guère.
field-password-too-long = ne doit pas dépasser 128 caractères
field-password-too-short = doit comporter au moins 12 caractères ; plusieurs mots font l’affaire
field-password-unchanged = C’est votre mot de passe actuel. Choisissez-en un nouveau.
field-pkce-public = doit être false pour un client public, que PKCE protège
field-plan = doit être l’une des offres, par exemple starter, business ou enterprise
field-portal-key = doit comporter de 3 à 64 lettres, chiffres, tirets ou tirets bas
field-portal-key-address = doit être la clé seule, par exemple acme_SSO, et non une adresse
field-portal-key-email = doit être un mot court, par exemple acme_SSO, et non une adresse e-mail
field-private-key = doit être une clé privée au format PEM, sans phrase secrète
field-provider = doit être google, okta, entra ou custom
field-return-path = doit être un chemin de ce site
field-role = doit être admin, power_user ou l’identifiant d’un rôle personnalisé de cette organisation
field-role-name = ne doit pas contenir de virgule
field-replace-by-itself = doit être un autre rôle que celui qui est supprimé
field-levels-application = nomme { $id }, qui n’est pas une application de cette organisation
field-rule-methods = doit contenir des méthodes HTTP en majuscules, telles que GET
field-rule-path = doit être un chemin tel que /admin/ ou /feed*, sans requête, sans segment de points, sans // ni ; et sans barre oblique encodée
field-rule-require = doit être public, signed_in, viewer, operator, editor ou admin
field-rule-text = doit être une règle telle que /static/=public ou GET,HEAD /feed*=signed_in
field-scope = doit faire partie de read, manage_members, manage_sso et manage_applications
field-scopes-missing = doit contenir au moins l’une des portées read, manage_members, manage_sso et manage_applications
field-search-too-long = ne doit pas dépasser { $most } caractères
field-time = doit être une date avec l’heure, par exemple 2027-01-31T00:00:00Z
field-token-auth-confidential = doit être client_secret_basic ou client_secret_post pour un client confidentiel
field-token-auth-public = doit être none pour un client public, qui n’a pas de secret
field-too-many-hosts = doit contenir { $most } hôtes au plus
field-too-many-people = peut contenir { $most } personnes au plus ; il y en a { $count }. Divisez la liste
field-too-many-rules = doit contenir { $most } règles au plus
field-true-or-false = doit être true ou false
field-type-name-to-confirm = Saisissez le nom de l’organisation pour confirmer : { $name }.
field-unknown = n’est pas un champ de cette requête
field-uri-absolute = ne doit contenir que des URI absolues, par exemple https://wiki.example.com/callback ; { $value } n’en est pas une
field-uri-characters = ne doit contenir que des URI d’au plus 2 048 caractères ASCII visibles ; { $value } n’en est pas une
field-uri-host = ne doit contenir que des URI avec un hôte tel que wiki.example.com, 192.0.2.1 ou [2001:db8::1], écrit comme les navigateurs l’affichent ; d’autres programmes peuvent lire autrement l’hôte de { $value }
field-uri-https = ne doit contenir que des URI en https, ou en http sur la boucle locale ; { $value } n’en est pas une
field-uri-parts = ne doit contenir aucune URI avec un nom d’utilisateur, un mot de passe, un #fragment, un caractère générique ou un caractère interdit dans une URI ; c’est le cas de { $value }
field-uri-parameter = ne doit contenir aucune URI avec le paramètre { $name }, que Vestibule ajoute lui-même ; c’est le cas de { $value }
field-uri-path = ne doit contenir aucune URI dont le chemin a des segments « . » ou « .. » ; c’est le cas de { $value }
field-uri-port = ne doit contenir que des URI sans port, ou avec un port de 1 à 65535 ; { $value } a un autre port
field-uris-least = doit contenir au moins une URI
field-uris-most = doit contenir au plus { $most } URI
field-uris-bytes = doit contenir au plus { $most } octets en tout
field-url-absolute = doit être une URL absolue, par exemple https://idp.example.com/sso
field-url-characters = doit être une URL d’au plus 2 048 caractères ASCII visibles
field-url-https = doit utiliser https ; http est réservé à la boucle locale
field-url-parts = ne doit contenir ni nom d’utilisateur, ni mot de passe, ni #fragment
field-url-scheme = doit commencer par https://
field-whole-number = doit être un nombre entier
field-workspace-id = doit être l’id d’un espace de travail
field-wrong-type = n’a pas le bon type
field-xml-or-url = ou metadata_url doit être fourni, mais pas les deux

## Why a password is easy to guess

password-common = C’est un mot de passe très courant.
password-common-name = Les prénoms et noms de famille courants sont faciles à deviner.
password-date = Les dates sont souvent faciles à deviner.
password-keyboard-pattern = Les motifs courts sur le clavier sont faciles à deviner.
password-like-common = Il ressemble à un mot de passe très utilisé.
password-name-alone = Un prénom ou un nom de famille seul est facile à deviner.
password-one-word = Un mot seul est facile à deviner.
password-recent-year = Les années récentes sont faciles à deviner.
password-repeated-letter = Les répétitions comme « aaa » sont faciles à deviner.
password-repeated-word = Les répétitions comme « abcabcabc » sont à peine plus difficiles à deviner que « abc ».
password-rows-of-keys = Les touches qui se suivent sur le clavier sont faciles à deviner.
password-sequence = Les suites comme abc ou 6543 sont faciles à deviner.
password-top-10 = C’est l’un des 10 mots de passe les plus courants.
password-top-100 = C’est l’un des 100 mots de passe les plus courants.

## Not found

attempt-not-found = Tentative de connexion introuvable. Les tentatives sont conservées pendant une durée limitée : la liste affiche celles qui restent.
candidate-not-found = Certificat proposé introuvable. Il a peut-être déjà été adopté ou écarté : la configuration SSO affiche ceux qui attendent.
connection-not-found = Configuration SSO introuvable. Vérifiez l’adresse, ou enregistrez d’abord les paramètres SSO de l’organisation.
file-not-found = Fichier introuvable. Vérifiez l’adresse.
help-page-not-found = Cette page n’existe pas dans l’aide. Le sommaire se trouve à l’adresse /help.
invitation-not-found = Invitation introuvable. Elle a peut-être été acceptée, retirée ou remplacée par une plus récente : la liste des invitations affiche celles qui sont en cours.
key-not-found = Clé d’API introuvable. Elle a peut-être déjà été supprimée : la liste des clés affiche celles qui existent.
keys-not-found = Clés SAML introuvables. Elles ont peut-être déjà été retirées : la liste des clés affiche celles qui sont utilisées.
logo-not-found = Logo introuvable. Il a peut-être été remplacé ou retiré.
mail-not-found = E-mail introuvable. Il a peut-être déjà été envoyé ou supprimé : la liste affiche les e-mails en attente.
member-not-found = Membre introuvable. Cette personne a peut-être été retirée : la liste des membres affiche toutes les personnes qui en font partie.
metadata-url-not-found = URL des métadonnées introuvable. Enregistrez-en d’abord une dans les paramètres SSO.
nothing-here = Il n’y a rien à cette adresse. Vérifiez-la.
operator-not-found = Opérateur introuvable. Cette personne a peut-être été retirée : la liste des opérateurs les affiche tous.
organisation-admin-not-found = Administrateur de l’organisation introuvable. Cette personne a peut-être été retirée : la liste des administrateurs les affiche tous.
organisation-not-found = Organisation introuvable. Vérifiez son identifiant. Elle a peut-être été supprimée, ou vous n’y avez pas accès.
person-not-found = Personne introuvable. Vérifiez l’identifiant : les listes des membres et des opérateurs l’affichent.
plan-not-found = Offre introuvable. Vérifiez son identifiant : la liste des offres l’affiche.
session-not-found = Session introuvable. Elle a peut-être déjà pris fin : la liste des sessions affiche celles qui sont en cours.
set-up-link-not-found = Lien de configuration introuvable. Il a peut-être déjà été utilisé ou révoqué : la liste des liens de configuration les affiche tous.
sign-in-not-found = Connexion introuvable. Vérifiez la référence. Les connexions sont conservées pendant une durée limitée : la liste affiche celles qui restent.
workspace-not-found = Espace de travail introuvable. Vérifiez son identifiant. Il a peut-être été supprimé, ou vous n’y avez pas accès.
application-not-found = Application introuvable. Vérifiez son identifiant. Elle a peut-être été supprimée, ou vous n’y avez pas accès.
role-not-found = Rôle introuvable. Il a peut-être été retiré : la liste des rôles les affiche tous.
role-name-taken = Cette organisation a déjà un rôle de ce nom. Choisissez-en un autre.
role-name-built-in = C’est le nom d’un rôle intégré. Choisissez-en un autre.
role-in-use = { $members ->
    [0] { $invitations ->
        [one] Une invitation en attente donne ce rôle.
       *[other] { $invitations } invitations en attente donnent ce rôle.
    }
    [one] Un membre a ce rôle.
   *[other] { $members } membres ont ce rôle.
} Choisissez le rôle qui le remplace.
role-replaced-by-admin = Une clé d’API ne peut pas rendre des personnes Admin d’espaces de travail en supprimant un rôle. Choisissez un autre rôle de remplacement.
application-host-taken = Une autre application utilise déjà l’hôte { $host }. Choisissez un autre hôte, ou retirez-le de cette application.
application-state-lost = Cette connexion a expiré, ou a été commencée dans un autre navigateur. Ouvrez à nouveau l’application.
application-host-only = Cette adresse appartient à une application. La console se trouve à l’URL publique.
application-insecure = Les applications exigent https. http ne suffit que sur cette machine même.
application-untrusted-proxy = Cet expéditeur n’est pas un proxy de confiance. Indiquez-le avec --trusted-proxies.
application-bad-request = Le proxy ne décrit pas la requête d’origine. Utilisez la configuration que la documentation indique pour lui.
application-two-conventions = La requête a les en-têtes de deux sortes de proxys. Retirez ceux qu’un client peut envoyer, comme le montre la documentation.
application-unknown-host = Il n’y a pas d’application à l’adresse { $host }.
application-sign-in = Connectez-vous pour utiliser cette application.
application-denied = Vous ne pouvez pas faire cela dans { $application }.
application-continue-title = Connecté
application-continue = Continuer vers l’application
denied-title = Pas d’accès
denied-level = { $email } ne peut pas faire cela dans { $application } : le niveau { $level } est nécessaire.
denied-no-access = { $email } ne peut pas ouvrir { $application }.
denied-other-organisation = { $email } ne peut pas ouvrir { $application }, qui appartient à { $organisation }.
denied-ask = Demandez l’accès : { $admins }
denied-ask-organisation = Demandez l’accès à un administrateur de { $organisation }.
denied-other-person = Se connecter en tant qu’une autre personne
denied-back = Revenir à l’application
again-title = Connectez-vous et renvoyez
again-what = Vous n’êtes pas connecté : ce que vous avez envoyé n’a pas été transmis. Ouvrez l’application dans un autre onglet et connectez-vous, puis revenez ici et renvoyez.
echo-title = Ce que l’application reçoit
echo-who = L’application apprend que { $email } est connecté, avec le niveau { $level }.
echo-nobody = L’application apprend que personne n’est connecté.
echo-no-faults = Le proxy transmet chaque en-tête de Vestibule une seule fois.
echo-no-headers = Aucun en-tête de Vestibule n’est arrivé. Soit le proxy n’interroge pas Vestibule avant de transmettre les requêtes, soit il ne copie pas les en-têtes de la réponse. Comparez sa configuration avec celle des extraits de l’application.
echo-missing = Le proxy ne transmet pas ces en-têtes : { $names }. Ajoutez-les à sa configuration. Sans eux, une application peut croire un tel en-tête venu du client.
echo-repeated = Ces en-têtes sont arrivés plusieurs fois : { $names }. Le proxy doit remplacer les en-têtes du client, et non en ajouter.
echo-similar = Ces en-têtes sont arrivés avec un tiret bas : { $names }. Beaucoup d’applications ne les distinguent pas de ceux de Vestibule. Le proxy doit les supprimer.
echo-differs = Remote-User et Remote-Email diffèrent. L’un des deux ne vient pas de Vestibule.
echo-ours = En-têtes de Vestibule
echo-empty = vide
echo-others = Autres en-têtes
echo-decisions = Dernières requêtes vers cette application, et pourquoi certaines ont été refusées
client-badge = Application d’essai
client-home = Cette application connecte les personnes par OpenID Connect et montre les informations qu’elle reçoit.
client-sign-in = Se connecter avec Vestibule
client-failed = Pas connecté
client-id-token = Informations du jeton d’identité
client-userinfo-answer = Réponse du point d’accès userinfo
sign-out-title = Se déconnecter ?
sign-out-what = Cela met fin à votre session dans { $application }, dans toutes les autres applications et dans la console, dans ce navigateur.
sign-out-do = Se déconnecter
sign-out-done-title = Déconnecté
sign-out-done = Vous êtes déconnecté.
sign-out-again = Ouvrir à nouveau l’application
oidc-logout-what = Une application demande votre déconnexion. Cela met fin à la session de { $email } dans toutes les applications et dans la console, dans ce navigateur.
oidc-logout-repeated = La requête de l’application contient deux fois le même paramètre. Vous êtes toujours connecté.
oidc-sign-in-again = Se connecter à nouveau
oidc-repeated = La requête de l’application contient deux fois { $name }. Revenez à l’application, et informez ses administrateurs.
oidc-unknown-client = Aucune application n’est enregistrée avec ce client_id. Revenez à l’application, et informez ses administrateurs.
oidc-redirect-uri = L’adresse à laquelle { $application } veut revenir ne figure pas parmi ses URI de redirection. Informez ses administrateurs.
oidc-state-lost = Cette connexion a expiré, ou a été commencée dans un autre navigateur. Revenez à l’application et connectez-vous à nouveau.
login-application = Connectez-vous pour ouvrir { $application } de { $organisation }.
decision-sign-in = Personne n’était connecté, et la requête exige { $needs }.
decision-level = La requête exige { $needs }, et la personne a { $level }.
decision-public = Le chemin est public.
client-no-secrets = Seuls les clients OpenID Connect confidentiels ont des secrets.
client-secret-last = C’est le seul secret du client. Créez-en un autre avant de le supprimer.
client-secret-not-found = Secret introuvable. Il a peut-être déjà été supprimé : l’application affiche ses secrets.
client-secrets-most = Un client peut avoir au plus { $most } secrets. Supprimez celui qui ne sert plus.
decision-signed-in = La personne s’est connectée.
decision-no-access = La personne n’a pas le droit d’ouvrir l’application.
decision-tokens = L’application a reçu des jetons.
decision-tokens-refused = L’application n’a pas reçu de jetons : { $code }.
decision-logout-not-told = L’application n’a pas pu être informée de la fin d’une session : { $why }.
too-many-roles = Une organisation peut avoir au plus { $most } rôles personnalisés. Supprimez-en un qui n’est plus utilisé.
too-many-applications = Une organisation peut avoir au plus { $most } applications. Supprimez-en une qui n’est plus utilisée.
host-not-granted = L’hôte { $host } n’est pas attribué à cette organisation. Demandez à un opérateur de l’attribuer.
host-taken = { $host } recouvre { $other }, attribué à une autre organisation. Attribuez d’autres hôtes.

## Busy

busy-account = Plusieurs connexions à ce compte sont en cours. Réessayez dans quelques secondes.
busy-bodies = Trop de données arrivent en ce moment. Réessayez dans quelques secondes.
busy-changes = De nombreuses modifications attendent d’être enregistrées. Réessayez dans quelques secondes.
busy-connections = Trop de connexions réseau sont ouvertes en ce moment. Réessayez dans quelques secondes.
busy-database = La base de données est occupée. Rien n’a été modifié ; réessayez.
busy-fetches = Trop de requêtes attendent la réponse d’autres serveurs. Réessayez dans quelques secondes.
busy-keys = Des clés sont en cours de création. Réessayez dans quelques secondes.
busy-requests = Vous avez trop de requêtes en cours. Réessayez dans quelques secondes.
busy-requests-of-all = De nombreuses personnes utilisent Vestibule en ce moment. Réessayez dans quelques secondes.
busy-sign-ins = De nombreuses personnes se connectent en ce moment. Réessayez dans quelques secondes.
busy-unread-answers = Trop de réponses volumineuses attendent d’être lues. Réessayez dans quelques secondes.

## Pages of the server: sign-in page

key-is-address = Ceci est une adresse. Saisissez seulement la clé, par exemple acme_SSO, ou ouvrez directement l’URL du portail de votre organisation. Votre administrateur connaît les deux.
key-is-email = Ceci est une adresse e-mail. Saisissez la clé de votre organisation, par exemple acme_SSO. Votre administrateur la connaît.
key-unavailable = L’authentification unique n’est pas disponible pour cette clé. Vérifiez-en l’orthographe, ou demandez-la à votre administrateur. Si votre organisation autorise les mots de passe, connectez-vous ci-dessus.
login-code = Code de récupération
login-code-hint = Pour les administrateurs d’une organisation qui exige l’authentification unique : à utiliser avec l’adresse e-mail et le mot de passe.
login-continue = Continuer
login-email = Adresse e-mail
login-forgot = Mot de passe oublié ?
login-help = Aide à la connexion (en anglais)
login-key = Clé du portail SSO
login-key-hint = La clé de votre organisation, par exemple acme_SSO. Votre administrateur la connaît.
login-or = ou
login-password = Mot de passe
login-signed-in = Vous êtes connecté avec le compte { $email }. { $link }, ou connectez-vous ci-dessous avec un autre compte.
login-sso = Se connecter via le SSO
login-submit = Se connecter
login-title = Connexion
login-unconfirmed = Rien n’a été modifié, et vous êtes toujours connecté avec le compte { $email }. Fermez cet onglet, revenez à celui où vous étiez et confirmez-y à nouveau votre identité avec le compte { $plain }. Votre saisie y est conservée.
login-use-code = Utiliser un code de récupération
portal-continue = Continuer vers votre fournisseur d’identité
portal-title = Authentification unique
wrong-address = Vous avez ouvert Vestibule à une mauvaise adresse. Connectez-vous à l’adresse { $link }.

## Pages of the server: why a sign-in was refused

notice-confirmed-other-person = Votre fournisseur d’identité a connecté { $email }, mais c’est une autre personne qui est connectée ici et qui doit confirmer son identité.
notice-directory-name = Votre fournisseur d’identité vous a connecté en tant que { $email }, mais { $email } n’est pas membre de { $organisation }. Si votre adresse e-mail est différente, demandez à un administrateur de votre fournisseur d’identité d’envoyer la bonne (dans Entra ID, la revendication user.mail). Sinon, demandez une invitation à un administrateur de { $organisation }.
notice-else = L’opération a échoué. Recommencez.
notice-expired = Cette connexion a pris trop de temps ou est déjà terminée. Recommencez.
notice-guest-name = Votre fournisseur d’identité vous a connecté en tant que { $email }. C’est le nom interne d’un compte invité, et non votre adresse e-mail. Demandez à un administrateur de votre fournisseur d’identité d’envoyer votre propre adresse à la place (dans Entra ID, la revendication user.mail), et à un administrateur de { $organisation } de l’inviter.
notice-help = Aide (en anglais)
notice-not-a-member = Votre fournisseur d’identité vous a connecté en tant que { $email }, mais { $email } n’est pas membre de { $organisation }. Demandez une invitation à un administrateur.
notice-not-verified = Nous n’avons pas pu vérifier la réponse de votre fournisseur d’identité.
notice-other-browser = Cette connexion a été commencée dans un autre navigateur, ou trop d’autres connexions ont été commencées ensuite dans celui-ci, ou les cookies sont bloqués. Recommencez ici.
notice-portal = Se connecter via le SSO
notice-portal-of = Se connecter via le SSO ({ $key })
notice-reference = { $told } Référence : { $reference }
notice-see-what = Voir ce qu’il faut modifier
notice-session-over = Votre session a pris fin : elle a expiré, vous vous êtes déconnecté ailleurs, votre accès a été retiré, ou votre organisation a changé la façon dont les membres se connectent. Reconnectez-vous.
notice-signed-out = Vous êtes déconnecté.
notice-somebody = cette personne
notice-sso-required = Votre mot de passe est correct, mais votre organisation utilise l’authentification unique.
notice-sso-unavailable = L’authentification unique n’est pas disponible pour cette clé.
notice-tell-reference = Communiquez la référence à votre administrateur.
notice-tell-time = Reconnectez-vous. Si cela se reproduit à chaque fois, indiquez à votre administrateur l’heure de votre tentative.
notice-test-other-person = Vous devez effectuer la connexion de test vous-même, mais votre fournisseur d’identité a connecté { $email }. Déconnectez-vous chez lui et recommencez le test avec votre propre compte.
notice-this-organisation = cette organisation
notice-throttled = Trop d’échecs de connexion pour ce compte. Attendez quelques minutes et réessayez. { $meanwhile }
notice-took-too-long = Votre connexion chez le fournisseur d’identité a pris plus de dix minutes. Reconnectez-vous.
notice-unsolicited = { $told } Votre fournisseur a envoyé une réponse que nous n’avions pas demandée. Commencez ici avec la clé de votre portail, et non depuis la vignette de l’application chez le fournisseur. Si ce message réapparaît, un administrateur doit corriger l’URL de connexion dans les paramètres SSO : c’est probablement un lien de lancement.
notice-used = Cette connexion a déjà été utilisée ; chacune ne fonctionne qu’une fois. Recommencez.
notice-wrong-code = L’adresse e-mail, le mot de passe ou le code de récupération est incorrect. Vérifiez les trois et réessayez.

## Pages of the server: refusals

help-on-addresses = Aide : les adresses publiques (en anglais)
help-on-running = Aide : exploiter Vestibule (en anglais)
help-on-signing-in = Aide : se connecter (en anglais)
help-on-vestibule = Aide : Vestibule (en anglais)
page-did-not-work = L’opération a échoué
page-not-available = Indisponible pour le moment
page-not-set-up = Pas encore configuré
page-nothing-here = Il n’y a rien ici
page-open = Ouvrir { $address }
page-other-address = Autre adresse
page-start = Aller à la page d’accueil
page-too-large = Trop volumineux
page-too-many = Trop de tentatives
page-went-wrong = Une erreur s’est produite

## Pages of the server: recovery and the test sign-in

recover-about = Choisissez un nouveau mot de passe. Vous serez ensuite connecté comme administrateur de l’organisation, pour réparer l’authentification unique ou, si l’offre autorise les mots de passe, désactiver le mode SAML exclusif.
recover-again = Votre opérateur peut en créer un nouveau sur le serveur :
recover-dead-title = Ce lien de récupération ne fonctionne plus
recover-fault = Le mot de passe { $fault }.
recover-fault-ends = Le mot de passe { $fault }
recover-new-password = Nouveau mot de passe
recover-submit = Définir le mot de passe et se connecter
recover-title = Récupérer l’accès
recover-to-sign-in = Aller à la page de connexion
test-page-about = Vous allez vous connecter avec ce fournisseur d’identité en tant qu’administrateur de { $organisation }. S’il vous identifie, il pourra connecter tous les membres de { $organisation }, et vous-même.
test-page-changed = Les paramètres SSO ont changé depuis que vous les avez vus. Rien n’a été testé. Vérifiez-les à nouveau ci-dessous.
test-page-check = Ne continuez que si tout ceci appartient à votre propre fournisseur. Sinon, fermez cette page et corrigez les paramètres.
test-page-entity-id = ID d’entité
test-page-metadata = Adresse des métadonnées
test-page-sign-on-url = URL de connexion
test-page-title = Connexion de test

## Pages of the practice identity provider

practice-answered = Connexion effectuée
practice-back = Retour à l’application
practice-badge = Fournisseur d’identité d’essai
practice-continue = Continuer en tant que { $name }
practice-failed = Cela n’a pas fonctionné
practice-fault-audience = L’ID d’entité d’une autre application
practice-fault-callback = Une ancienne URL de rappel
practice-fault-certificate = Un autre certificat
practice-fault-clock = Une horloge en avance de dix minutes
practice-fault-email = Pas d’adresse e-mail
practice-fault-none = Rien : une réponse correcte
practice-faults = Voyez comment la trace l’explique
practice-faults-open = Provoquer une erreur
practice-no-request = Ce n’est pas une demande de connexion
practice-no-sign-in = Rien à quoi se connecter pour l’instant
practice-no-sign-in-text = Commencez dans l’application ; elle vous envoie ici. Mes métadonnées :
practice-unknown = Personne chez le fournisseur d’essai n’a cette adresse : { $email }
practice-who = Qui êtes-vous aujourd’hui ?
practice-who-text = Un vrai fournisseur demanderait votre mot de passe. Celui-ci connecte la personne que vous choisissez.

## E-mails

mail-backup-late-link = Ouvrir le diagnostic
mail-backup-late-next = Ouvrez le diagnostic, qui en indique la cause : un disque plein, un dossier manquant ou des droits insuffisants. Vous pouvez aussi faire une sauvegarde vous-même avec « vestibule backup FICHIER ».
mail-backup-late-none = Le serveur doit faire des sauvegardes, mais n’en a fait aucune depuis deux périodes. Si son disque tombe en panne maintenant, ses données sont perdues.
mail-backup-late-since = Le serveur doit faire des sauvegardes, mais n’en a fait aucune depuis deux périodes ; la dernière date du { $at }. Si son disque tombe en panne maintenant, tout ce qui a suivi est perdu.
mail-backup-late-subject = Aucune sauvegarde n’est faite
mail-expiring = Le certificat de signature du fournisseur d’identité de { $organisation } expire le { $at }.
mail-expiring-next = Créez le prochain certificat chez le fournisseur et ajoutez-le ici avant que le fournisseur ne commence à l’utiliser. Les connexions continuent ainsi pendant le changement.
mail-expiring-subject =
    { $days ->
        [one] { $organisation } : le certificat de votre fournisseur d’identité expire dans moins d’un jour
       *[other] { $organisation } : le certificat de votre fournisseur d’identité expire dans moins de { $days } jours
    }
mail-found = Les métadonnées du fournisseur d’identité de { $organisation } contiennent un nouveau certificat, qui expire le { $at }.
mail-found-next = Adoptez-le en un clic si votre fournisseur va l’utiliser. D’ici là, les réponses signées avec ce certificat sont refusées. SHA-256 { $fingerprint }
mail-found-subject = { $organisation } : votre fournisseur d’identité a un nouveau certificat
mail-gathered = Vous avez reçu dix messages de ce type en une journée. Tant que plus de neuf sont envoyés par jour, vous recevez au plus un message par heure, qui couvre tous les événements de ce type. Le journal d’audit et la page « Votre compte » les listent tous.
mail-gathered-subject = Plusieurs fois : { $subject }
mail-invitation = { $inviter } vous invite à rejoindre { $organisation }.
mail-invitation-link = Accepter l’invitation
mail-invitation-subject = Invitation à rejoindre { $organisation }
mail-invitation-to-workspace = { $inviter } vous invite à rejoindre l’espace de travail { $workspace } de { $organisation }.
mail-invitation-until = Le lien fonctionne une seule fois, jusqu’au { $until }. Si vous n’attendiez pas d’invitation, ignorez ce message.
mail-open-account = Ouvrir votre compte
mail-open-audit = Ouvrir le journal d’audit
mail-open-keys = Ouvrir les clés d’API
mail-open-people = Ouvrir la liste des personnes
mail-open-sso = Ouvrir les paramètres de l’authentification unique
mail-operator = Vous avez été ajouté comme opérateur de cette installation de Vestibule. Ouvrez le lien et saisissez votre mot de passe actuel pour confirmer.
mail-operator-link = Confirmer
mail-operator-subject = Confirmez que vous voulez devenir opérateur
mail-operator-until = Le lien fonctionne une seule fois, jusqu’au { $until }. Si vous ne vous y attendiez pas, ne l’ouvrez pas et prévenez l’opérateur.
mail-or-address = Ou ouvrez cette adresse :
mail-password-after-sso = { $organisation } n’utilise plus l’authentification unique pour vous connecter. Il vous faut désormais un mot de passe.
mail-password-by-operator = Un opérateur vous a envoyé un lien pour définir votre mot de passe.
mail-password-link = Définir votre mot de passe
mail-password-of-operator = Vous êtes maintenant opérateur de Vestibule.
mail-password-subject = Définissez votre mot de passe
mail-password-until = Le lien fonctionne une seule fois, jusqu’au { $until }.
mail-reminder = { $organisation } passe à l’authentification unique : vous vous connecterez avec le compte de votre entreprise, sans autre mot de passe.
mail-reminder-link = Se connecter via l’authentification unique
mail-reminder-next = Connectez-vous dès maintenant une fois de cette façon. Cela montre que la connexion de votre entreprise fonctionne pour vous, et vous ne perdrez pas l’accès plus tard. En cas de refus, indiquez à votre administrateur ce que dit la page.
mail-reminder-subject = { $organisation } : connectez-vous une fois via l’authentification unique
mail-reset = Quelqu’un a demandé à réinitialiser le mot de passe de votre compte. Si c’est vous, définissez-le ici.
mail-reset-for-code = Un mot de passe ne vous sert qu’à vous connecter avec un code de récupération. Définissez-en un ici (le lien fonctionne une seule fois, jusqu’au { $until }) : { $url }
mail-reset-ignore = Si ce n’est pas vous, ignorez ce message : votre mot de passe ne change pas.
mail-reset-link = Définir un nouveau mot de passe
mail-reset-no-password = Quelqu’un a demandé à réinitialiser le mot de passe de votre compte. Vous n’avez pas besoin de mot de passe : { $organisation } exige l’authentification unique.
mail-reset-not-enough = Un mot de passe seul ne donne pas accès à { $organisation }. Si vous voulez tout de même en définir un, utilisez ce lien (il fonctionne une seule fois, jusqu’au { $until }) : { $url }
mail-reset-sso = { $organisation } exige l’authentification unique. Connectez-vous ici : { $url }
mail-reset-sso-link = Se connecter via le SSO
mail-reset-subject = Définissez un nouveau mot de passe
mail-reset-until = Le lien fonctionne une seule fois, jusqu’au { $until }. Si ce n’est pas vous, ignorez ce message : votre mot de passe ne change pas.
mail-saved = Les paramètres de l’authentification unique de { $organisation } ont été enregistrés avec un lien de configuration.
mail-saved-next = Vérifiez-les et connectez-vous une fois vous-même par ce moyen. Les membres pourront ensuite s’en servir, et le lien cessera de fonctionner. Si vous ne vous y attendiez pas, révoquez le lien.
mail-saved-subject = { $organisation } : testez les nouveaux paramètres de l’authentification unique
mail-test = Un opérateur de l’installation de Vestibule à l’adresse { $url } a envoyé ce message le { $at } pour vérifier que les e-mails arrivent.
mail-test-next = Il est arrivé : vous n’avez rien à faire. S’il se trouve dans votre dossier de courrier indésirable, prévenez cet opérateur.
mail-test-subject = Test des e-mails de Vestibule
mail-waiting = La clé d’API { $key } a ajouté un certificat à l’authentification unique de { $organisation }. Il expire le { $at }. SHA-256 { $fingerprint }
mail-waiting-next = Il n’est pas encore utilisé. Adoptez-le si votre fournisseur d’identité l’a annoncé ; sinon, supprimez la clé d’API.
mail-waiting-subject = { $organisation } : nouveau certificat à approuver

## Why e-mails cannot be sent, and what to do

mail-link-dead = son lien a expiré
smtp-answers = { $server } répond
smtp-broken = la connexion a été coupée pendant l’envoi de l’e-mail : { $cause }
smtp-certificate = le certificat du serveur de messagerie ne peut pas être vérifié pour { $host } : { $cause }
smtp-failure = { $reason }. { $advice }
smtp-fix-certificate = Si votre propre autorité l’a signé, indiquez le certificat de cette autorité avec --smtp-ca-file ; sinon, l’hôte de --smtp-url doit être un nom du certificat.
smtp-fix-no-answer = Vérifiez l’hôte et le port de --smtp-url, et les pare-feu sur le chemin : beaucoup de réseaux bloquent le port 25, utilisez donc 587 ou 465.
smtp-fix-no-sign-in = Retirez-les de --smtp-url, ou utilisez le port des expéditeurs authentifiés : généralement 587 ou 465.
smtp-fix-no-tls = Utilisez son port TLS : smtps://, généralement le port 465.
smtp-fix-nothing-there = Vérifiez l’hôte et le port de --smtp-url, et que le serveur de messagerie fonctionne.
smtp-fix-password = Vérifiez-les tous deux dans --smtp-url, en encodage-pourcent ; certains fournisseurs exigent un mot de passe d’application.
smtp-fix-place = Vérifiez l’hôte et le port de --smtp-url.
smtp-fix-port = Vérifiez le port de --smtp-url : 587 est l’usage pour smtp://, 465 pour smtps://.
smtp-fix-refused = Sa réponse indique si le problème vient du destinataire, de l’expéditeur (--mail-from) ou des droits de l’utilisateur de --smtp-url.
smtp-fix-rejected = Adressez-vous à l’administrateur du serveur de messagerie ; certains serveurs attendent de nous un autre nom (--smtp-helo).
smtp-fix-scheme = Changez le schéma, ou le port : 587 est l’usage pour smtp://, 465 pour smtps://.
smtp-fix-sign-in-wanted = Ajoutez le nom d’utilisateur et le mot de passe à --smtp-url, en encodage-pourcent : smtp://user:password@host:587.
smtp-fix-silent = Vérifiez l’hôte et le port de --smtp-url : un autre programme ou un pare-feu y répond peut-être.
smtp-fix-tls = Demandez à l’administrateur du serveur de messagerie quelles versions de TLS il accepte : la 1.2 ou la 1.3 est nécessaire.
smtp-fix-tls-wanted = Ajoutez ?tls=required à --smtp-url, ou utilisez smtps:// avec le port TLS du serveur, généralement 465.
smtp-fix-unknown-host = Vérifiez l’hôte de --smtp-url, et le DNS de cette machine.
smtp-fix-unusable-letter = Abandonnez-le et envoyez-en un nouveau.
smtp-hello-unknown = Vestibule se présente au serveur de messagerie comme { $hello }, ce que certains serveurs refusent : réglez un nom d’hôte avec --smtp-helo
smtp-no-answer = { $server } ne répond pas
smtp-no-sign-in = le serveur de messagerie n’accepte ici ni nom d’utilisateur ni mot de passe (ni AUTH PLAIN ni LOGIN)
smtp-no-tls = le serveur de messagerie ne propose pas TLS (STARTTLS), et Vestibule n’envoie rien en clair vers une autre machine
smtp-not-connected = { $server } : { $cause }
smtp-not-mail = { $server } répond, mais pas comme un serveur de messagerie : { $answer }
smtp-not-now = le serveur de messagerie n’accepte pas l’e-mail pour l’instant : { $answer }
smtp-nothing-there = rien n’écoute à l’adresse { $server } (connexion refusée)
smtp-port-clear = le port { $port } commence sans TLS : il faut smtp:// dans --smtp-url au lieu de smtps://
smtp-port-tls = le port { $port } utilise TLS dès le premier octet : il faut smtps:// dans --smtp-url au lieu de smtp://
smtp-refused = le serveur de messagerie a refusé l’e-mail : { $answer }
smtp-rejected = { $server } nous a rejetés : { $answer }
smtp-retried = L’envoi est retenté automatiquement, sauf s’il s’agissait d’un test.
smtp-sender-unknown = les e-mails partent de { $from }, que d’autres serveurs de messagerie refusent : réglez une adresse à vous avec --mail-from
smtp-sent = le serveur a accepté l’e-mail : { $answer }
smtp-sign-in-wanted = le serveur de messagerie n’accepte les e-mails qu’après une authentification : { $answer }
smtp-signed-in = le serveur a accepté le nom d’utilisateur et le mot de passe
smtp-silent = { $server } accepte la connexion, puis ne dit plus rien
smtp-starttls = TLS par STARTTLS, avec un certificat pour { $host }
smtp-tls = TLS dès le premier octet, avec un certificat pour { $host }
smtp-tls-failed = échec de TLS : { $cause }
smtp-tls-wanted = le serveur de messagerie n’accepte les e-mails que par TLS : { $answer }
smtp-unknown-host = le nom d’hôte { $host } est introuvable dans le DNS
smtp-unusable-letter = l’e-mail ne peut pas être composé : { $cause }
smtp-without-tls = sans TLS, sur cette machine uniquement
smtp-wrong-password = le serveur de messagerie a refusé le nom d’utilisateur ou le mot de passe : { $answer }

## E-mails about changes and sign-ins

from-address = depuis l’adresse { $address }
from-both = depuis l’adresse { $address }, avec { $browser }
from-browser = avec { $browser }
from-unknown-program = un programme inconnu
news-admin = { $who } a nommé { $added } administrateur de l’organisation { $name }.
news-admin-accepted = { $added } a accepté l’invitation à devenir administrateur de l’organisation { $name }.
news-admin-subject = { $name } : { $added } est maintenant administrateur de l’organisation
news-browser = Quelqu’un s’est connecté à votre compte depuis un navigateur encore jamais utilisé.
news-browser-of = Quelqu’un s’est connecté à { $name } avec votre compte depuis un navigateur encore jamais utilisé.
news-browser-subject = Nouvelle connexion à votre compte
news-certificate = { $who } a ajouté un certificat du fournisseur d’identité aux paramètres de l’authentification unique de { $name }.
news-connection-subject = { $name } : paramètres de l’authentification unique modifiés
news-if-not-expected = Si vous vous y attendiez, vous n’avez rien à faire. Sinon, annulez ce changement, cherchez dans le journal d’audit les autres actions de ce compte, faites changer son mot de passe et fermer ses sessions, et prévenez votre opérateur.
news-if-not-expected-by-operators = Si vous vous y attendiez, vous n’avez rien à faire. Sinon, annulez ce changement, cherchez dans le journal d’audit les autres actions de ce compte et changez son mot de passe.
news-if-not-you = Si c’est vous, vous n’avez rien à faire. Sinon, changez votre mot de passe, fermez toute session que vous ne reconnaissez pas et prévenez votre administrateur.
news-key = { $who } a créé la clé d’API { $key } de { $name }.
news-key-subject = { $name } : nouvelle clé d’API
news-no-admin = { $who } a retiré à { $removed } le statut d’administrateur de l’organisation { $name }.
news-no-admin-subject = { $name } : { $removed } n’est plus administrateur de l’organisation
news-operator = { $who } a nommé { $added } opérateur de { $name }.
news-operator-subject = { $added } est maintenant opérateur
news-operator-wanted = { $who } a demandé à { $added } de devenir opérateur de { $name }. Ce sera le cas une fois le lien et le mot de passe actuel utilisés.
news-operator-wanted-subject = { $added } est invité à devenir opérateur
news-own-keys = { $who } a modifié nos propres clés SAML pour { $name }.
news-password = Le mot de passe de votre compte a été défini ou modifié.
news-password-subject = Votre mot de passe a été modifié
news-recovery-code = { $person } a accédé à { $name } avec un code de récupération.
news-recovery-link = { $person } a accédé à { $name } avec un lien de récupération.
news-recovery-subject = { $person } a accédé à { $name } par récupération
news-saml-only-off = { $who } a désactivé le mode SAML exclusif pour { $name }.
news-saml-only-off-subject = { $name } : le mode SAML exclusif est désactivé
news-saml-only-on = { $who } a activé le mode SAML exclusif pour { $name } : les membres ne peuvent plus utiliser de mot de passe.
news-saml-only-on-subject = { $name } : le mode SAML exclusif est activé
news-settings = { $who } a modifié les paramètres de l’authentification unique de { $name }.
news-settings-removed = { $who } a supprimé les paramètres de l’authentification unique de { $name }.
news-told = { $what } Date : { $at }.
news-told-from = { $what } Date : { $at }, { $from }.
who-anonymous = Quelqu’un
who-command-line = Une personne ayant accès au shell du serveur
who-key = La clé d’API { $name }
who-link = Une personne munie du { $name }
who-system = Vestibule lui-même

## Effects of switches: reasons, as clauses that follow a person’s address

reason-becomes-operator = devient opérateur ; définit un mot de passe avec le lien
reason-becomes-operator-keeps = devient opérateur avec le lien et son mot de passe actuel ; garde son mot de passe et ses sessions
reason-becomes-operator-known-password = devient opérateur ; doit définir un nouveau mot de passe avec le lien, car une clé d’API a reçu le lien qui a défini l’actuel
reason-becomes-operator-replaced = devient opérateur ; doit définir un nouveau mot de passe avec le lien
access-disabled = La personne est désactivée.
access-no-member = La personne n’est pas membre de l’espace de travail de l’application.
access-role = Le rôle { $role } de la personne ne donne pas accès à cette application.
access-password-or-saml = La personne peut se connecter avec un mot de passe ou par SSO.
access-password = La personne peut se connecter avec un mot de passe.
access-saml = La personne peut se connecter par SSO.
access-no-method = Aucune méthode de connexion ne fonctionne pour la personne : elle n’a pas de mot de passe accepté par l’organisation, et le SSO n’est pas prêt.
reason-disabled = est désactivé
reason-application-removed = ne peut plus ouvrir { $application }
reason-applications-closed = ne peut plus ouvrir { $applications }
reason-other-levels = obtient un autre niveau dans { $applications }
reason-disabled-loses = est désactivé ; perd l’accès à { $organisations }
reason-does-not-become-operator = ne devient pas opérateur ; son lien cesse de fonctionner
reason-in-organisation = { $organisation } : { $reason }
reason-keeps-access = conserve l’accès à { $organisation } : { $places }
reason-keeps-as-admin = conserve l’accès à { $organisation } comme administrateur de l’organisation
reason-loses-access = perd l’accès à { $organisation }
reason-loses-access-as-admin = perd l’accès à { $organisation } et les droits d’administrateur de l’organisation
reason-loses-access-to-places = perd l’accès à { $organisation } : { $places }
reason-loses-access-to-places-as-admin = perd l’accès à { $organisation } : { $places } ; et les droits d’administrateur de l’organisation
reason-must-set-password = doit définir un nouveau mot de passe avec « Mot de passe oublié ? » sur la page de connexion ou avec un lien de mot de passe, car { $maker } a reçu le lien qui a défini le mot de passe actuel
reason-no-member = n’est plus membre
reason-no-operator = n’est plus opérateur ; garde son compte et reste membre de ses organisations
reason-no-other-workspace = perd aussi l’accès à { $organisation } : n’y a pas d’autre espace de travail
reason-no-password = n’a pas de mot de passe ; a besoin d’un lien pour en définir un
reason-not-through-saml = ne s’est pas encore connecté via SAML ; perd l’accès, sauf si votre fournisseur d’identité connaît cette personne
reason-password = se connecte avec un mot de passe
reason-password-or-saml = se connecte avec un mot de passe ou via SAML
reason-password-unconfirmed = n’a pas de mot de passe confirmé pour cette organisation ; un lien reçu par e-mail ou une nouvelle invitation en confirme un
reason-plan-saml = l’offre exige une connexion via SAML, et la configuration SSO n’est pas prête
reason-saml = se connecte via SAML
reason-stays-operator = reste opérateur ; définit un mot de passe avec le lien
reason-stays-operator-replaced = reste opérateur ; doit définir un nouveau mot de passe avec le lien

## Effects of switches: other consequences

invitations-to-them =
    { $count ->
        [one] { $count } invitation à cette personne
       *[other] { $count } invitations à cette personne
    }
key-of-operators = { $name } (avec les droits d’opérateur)
key-of-organisation = { $name } (de { $organisation })
names-and-more = { $names } et { $count } de plus
password-links-by-it =
    { $count ->
        [one] { $count } lien de mot de passe créé par cette clé
       *[other] { $count } liens de mot de passe créés par cette clé
    }
password-links-by-them =
    { $count ->
        [one] { $count } lien de mot de passe créé par cette personne
       *[other] { $count } liens de mot de passe créés par cette personne
    }
person-is-operator = { $email } (opérateur)
recovery-links =
    { $count ->
        [one] { $count } lien de récupération
       *[other] { $count } liens de récupération
    }
reset-links =
    { $count ->
        [one] { $count } lien de réinitialisation
       *[other] { $count } liens de réinitialisation
    }
set-up-links-by-it =
    { $count ->
        [one] { $count } lien de configuration créé par cette clé
       *[other] { $count } liens de configuration créés par cette clé
    }
set-up-links-by-them =
    { $count ->
        [one] { $count } lien de configuration créé par cette personne
       *[other] { $count } liens de configuration créés par cette personne
    }
this-key = cette clé
warning-admins-without-password = Sans mot de passe propre ici, ces administrateurs ne peuvent pas utiliser de code de récupération : { $admins }.
warning-certificates-wait = Les nouveaux certificats prennent effet lorsqu’un administrateur de l’organisation les adopte, ou s’en sert pour une connexion de test.
warning-connection-inactive = La configuration SSO est conservée mais inactive. Elle fonctionnera de nouveau dès que l’offre inclura le SSO.
warning-connection-removed = La configuration SSO { $key } est supprimée. Son ID d’entité, son URL de rappel et ses codes de récupération disparaissent définitivement.
warning-end-too = Prennent fin également : { $what }.
warning-homeless = Personnes qui n’appartiendront plus à aucune organisation : { $count }. Leur compte est conservé.
warning-host-grants-end = Hôtes qui ne sont plus accordés et peuvent l’être à une autre organisation : { $hosts }.
warning-hosts-not-granted = Hôtes qui ne sont plus accordés : { $hosts }.
warning-hosts-refused = Les requêtes vers ces hôtes d’applications seront refusées : { $hosts }.
warning-invitation-links-end =
    { $count ->
        [one] Le lien d’invitation que cette personne a reçu pour { $people } cesse de fonctionner. Renvoyez cette invitation.
       *[other] Les { $count } liens d’invitation que cette personne a reçus cessent de fonctionner : { $people }. Renvoyez ces invitations.
    }
warning-invitations-end = Invitations qui prennent fin : { $names }.
warning-keys-end = Clés d’API qui cessent de fonctionner : { $names }.
warning-keys-of-key-end = Les clés d’API qu’elle a créées cessent aussi de fonctionner : { $keys }.
warning-keys-stay = Les clés d’API créées par cette personne continuent de fonctionner : { $keys }. Supprimez celles qui doivent cesser.
warning-link-first = { $email } n’a pas encore de mot de passe. Le lien définit le premier.
warning-link-for-code = En tant qu’administrateur de l’organisation, cette personne ne peut utiliser le mot de passe qu’avec un code de récupération.
warning-link-opens-nothing = Le mot de passe ne donne actuellement accès à rien.
warning-link-sso-only = Le mot de passe n’est pas accepté par { $organisations } : l’authentification unique y est obligatoire.
warning-link-unconfirmed = Le mot de passe n’est pas accepté par { $organisations } : cette personne y est entrée via l’authentification unique, et seul un lien qui lui est envoyé par e-mail lui permet d’y utiliser un mot de passe.
warning-link-use = L’utilisation du lien définit le mot de passe et met fin à toutes les sessions de cette personne. Les liens de mot de passe précédents cessent de fonctionner dès maintenant.
warning-links-and-invitations-wanted =
    { $count ->
        [one] { $email } n’a pas encore de mot de passe ici : un opérateur peut créer un lien de mot de passe sous « Personnes », ou avec vestibule user reset-link ; un mot de passe jamais confirmé pour cette organisation exige aussi une nouvelle invitation.
       *[other] { $count } personnes n’ont pas encore de mot de passe ici : un opérateur peut créer pour chacune un lien de mot de passe sous « Personnes », ou avec vestibule user reset-link ; un mot de passe jamais confirmé pour cette organisation exige aussi une nouvelle invitation.
    }
warning-links-mailed =
    { $count ->
        [one] { $email } n’a pas encore de mot de passe ici, et reçoit par e-mail un lien pour en définir un.
       *[other] { $count } personnes n’ont pas encore de mot de passe ici, et reçoivent par e-mail un lien pour en définir un.
    }
warning-links-wanted =
    { $count ->
        [one] { $email } n’a pas encore de mot de passe ici : un opérateur peut créer un lien de mot de passe sous « Personnes », ou avec vestibule user reset-link.
       *[other] { $count } personnes n’ont pas encore de mot de passe ici : un opérateur peut créer pour chacune un lien de mot de passe sous « Personnes », ou avec vestibule user reset-link.
    }
warning-new-test = Les membres pourront de nouveau se connecter via SAML après une nouvelle connexion de test.
warning-signing-certificate-goes = La dernière connexion via SAML a été signée avec un certificat que ce changement supprime. Si le fournisseur d’identité signe encore avec lui, personne ne pourra plus se connecter via SAML après ce changement.
warning-no-account-yet = { $email } n’a pas encore de compte. Un compte sera créé, et le lien permet d’en définir le mot de passe.
warning-no-other-admin = { $organisation } n’a pas d’autre administrateur de l’organisation qui puisse se connecter. Nommez d’abord un autre administrateur.
warning-no-password = { $email } n’a pas de mot de passe. Créez un lien de réinitialisation pour cette personne.
warning-not-through-saml-yet =
    { $count ->
        [one] { $people } ne s’est pas connecté via SAML depuis le test. Vérifiez que c’est possible.
       *[other] { $count } personnes ne se sont pas connectées via SAML depuis le test : { $people }. Vérifiez que c’est possible.
    }
warning-not-disabled = Le compte { $email } n’est pas désactivé. Rien ne change.
warning-disabled-already = Le compte { $email } est déjà désactivé. Rien ne change.
warning-of-organisation = { $organisation } : { $warning }
warning-old-metadata = Les métadonnées n’ont pas pu être chargées maintenant : { $why }. La copie du { $at } est utilisée.
warning-only-admins = Tant qu’un administrateur de l’organisation n’a pas terminé la configuration du SSO, seuls les administrateurs de l’organisation peuvent se connecter.
warning-operator-again = { $email } redevient opérateur.
warning-over-limit =
    { $what ->
        [max_members] { $count } personnes, mais l’offre { $plan } en autorise { $limit } : elles restent, et aucune autre ne peut être ajoutée.
       *[max_workspaces] { $count } espaces de travail, mais l’offre { $plan } en autorise { $limit } : ils restent, et aucun autre ne peut être ajouté.
    }
warning-passwords-stay = Les mots de passe définis avec des liens que { $maker } a reçus continuent de fonctionner : { $people }. Ils doivent être redéfinis si d’autres personnes les connaissent peut-être.
warning-portal-url-changes = L’URL du portail change avec la clé ; les liens vers l’ancienne cessent de fonctionner.
warning-recovery-link-ends = Son lien de récupération cesse de fonctionner.
warning-roles-end = Rôles personnalisés qui prennent fin : { $names }.
warning-requests-change = Nos requêtes changent. Effectuez une connexion de test pour vérifier que le fournisseur envoie toujours l’adresse e-mail.
warning-saml-only-off = Le mode SAML exclusif est désactivé.
warning-saml-only-already = Le mode SAML exclusif est déjà activé. Rien ne change.
warning-saml-only-off-already = Le mode SAML exclusif est déjà désactivé. Rien ne change.
warning-set-up-links = Liens de configuration qui cessent de fonctionner : { $count }.
warning-set-up-links-end =
    { $count ->
        [one] { $count } lien de configuration créé par cette personne cesse de fonctionner.
       *[other] { $count } liens de configuration créés par cette personne cessent de fonctionner.
    }
warning-still-belongs = { $email } appartient toujours à { $organisation } et peut s’y connecter.
warning-unknown-locked-out = Quiconque n’est pas connu de votre fournisseur d’identité perd l’accès. Vérifiez que toutes les personnes listées peuvent s’y connecter.
warning-workspaces-end = Espaces de travail qui prennent fin : { $names }.
invitation-links-by-them =
    { $count ->
        [one] { $count } lien d’invitation créé par cette personne
       *[other] { $count } liens d’invitation créés par cette personne
    }
invitation-links-by-it =
    { $count ->
        [one] { $count } lien d’invitation créé par cette clé
       *[other] { $count } liens d’invitation créés par cette clé
    }
set-up-links-by-these =
    { $count ->
        [one] { $count } lien de configuration créé par ces personnes ou ces clés
       *[other] { $count } liens de configuration créés par ces personnes ou ces clés
    }
password-links-by-these =
    { $count ->
        [one] { $count } lien de mot de passe créé par ces personnes ou ces clés
       *[other] { $count } liens de mot de passe créés par ces personnes ou ces clés
    }
invitation-links-by-these =
    { $count ->
        [one] { $count } lien d’invitation créé par ces personnes ou ces clés
       *[other] { $count } liens d’invitation créés par ces personnes ou ces clés
    }
reason-must-set-password-made-with-known = doit définir un nouveau mot de passe avec « Mot de passe oublié ? » sur la page de connexion ou avec un lien de mot de passe, car le lien qui a défini le mot de passe actuel a été créé avec un mot de passe que { $maker } connaît peut-être
warning-keys-made-with-these-end = Les clés d’API créées avec ces mots de passe cessent de fonctionner : { $keys }.
warning-operators-stay = Les opérateurs ajoutés par { $maker }, ou avec un mot de passe que { $maker } connaît peut-être, restent opérateurs : { $operators }. Retirez ceux qui ne devraient pas l’être.
warning-passwords-made-with-these-stay = Les mots de passe définis avec des liens créés avec ceux-ci continuent de fonctionner : { $people }. Ils doivent être redéfinis si d’autres personnes les connaissent peut-être.

## Refused SAML sign-ins: the fault

refusal-advice = L’assertion en contient une autre dans son élément Advice.
refusal-assertion_used = L’assertion a déjà été utilisée ; chacune ne fonctionne qu’une fois.
refusal-audience = L’assertion a été émise pour une autre application.
refusal-bad_email = La valeur de l’adresse e-mail dans l’assertion n’est pas une adresse e-mail.
refusal-bad_id = Un ID de la réponse manque, est mal formé ou utilisé deux fois.
refusal-bad_signature = La signature ne correspond à aucun des certificats de la configuration SSO.
refusal-broken = Le message n’a pas pu être vérifié : la signature couvre un autre élément que celui attendu.
refusal-cbc_unsigned = L’assertion est chiffrée en AES-CBC dans une réponse non signée.
refusal-cdata = La réponse contient une section CDATA, que les analyseurs XML traitent différemment.
refusal-certificate_expired = La réponse est signée avec un certificat expiré, et l’opérateur a choisi de les refuser.
refusal-comment = La réponse contient un commentaire, que certains analyseurs XML voient et que d’autres ignorent.
refusal-connection_changed = Les paramètres SSO ont été modifiés pendant la connexion.
refusal-content_encryption = L’assertion est chiffrée avec un algorithme refusé.
refusal-decryption = L’assertion chiffrée ne peut pas être déchiffrée avec nos clés.
refusal-deflated = La réponse est compressée (DEFLATE), comme pour HTTP-Redirect ; l’URL de rappel accepte HTTP-POST.
refusal-destination = La réponse a été émise pour une autre adresse que notre URL de rappel.
refusal-directory_name = Le fournisseur a identifié une personne qui n’est pas membre, par ce qui semble être un nom d’utilisateur de l’annuaire et non une adresse e-mail.
refusal-disabled = Le fournisseur a identifié une personne qu’un opérateur a désactivée ici.
refusal-doctype = La réponse contient un DOCTYPE, qui pourrait changer le sens du reste.
refusal-empty_name_id = L’assertion a un NameID vide.
refusal-encrypted_assertion = L’assertion est chiffrée, et aucune clé ne permet de la déchiffrer.
refusal-encrypted_id = Le NameID ou un attribut est chiffré, ce qui n’est pas pris en charge.
refusal-encryption_shape = L’assertion chiffrée n’a pas la forme que nous acceptons.
refusal-entity = La réponse contient une entité autre que les cinq entités prédéfinies du XML.
refusal-expired = L’assertion n’est plus valable.
refusal-formatted = Le message est mis en forme : il contient des espaces entre ses éléments, ce qui ne correspond pas à sa signature.
refusal-guest_name = Le fournisseur a envoyé le nom interne d’un invité au lieu de son adresse e-mail.
refusal-in_response_to = La réponse répond à une autre requête que la nôtre.
refusal-inclusive_c14n = La signature utilise la canonicalisation inclusive.
refusal-issue_instant = La réponse a été émise à un moment trop éloigné de l’heure actuelle.
refusal-issuer = La réponse provient d’un autre fournisseur d’identité que celui de la configuration SSO.
refusal-issuer_format = L’élément Issuer a un autre format que celui d’un ID d’entité.
refusal-key_transport = La clé de l’assertion est chiffrée avec un algorithme refusé.
refusal-malformed_xml = La réponse n’est pas du XML simple.
refusal-name_qualifier = Le NameID a été émis pour une autre application (SPNameQualifier).
refusal-no_assertion = La réponse ne contient pas d’assertion.
refusal-no_certificate = La configuration SSO n’a pas de certificat utilisable.
refusal-no_conditions = L’assertion n’a pas d’élément Conditions.
refusal-no_email = L’assertion ne contient pas d’adresse e-mail.
refusal-no_subject_confirmation = L’assertion n’a pas de SubjectConfirmation de type bearer.
refusal-not_a_member = Le fournisseur a identifié une personne qui n’est pas membre de l’organisation.
refusal-not_a_response = Le message n’est pas une Response SAML 2.0.
refusal-not_base64 = Le message reçu n’est pas une réponse SAML en base64.
refusal-not_utf8 = La réponse n’est pas du texte UTF-8.
refusal-not_yet_valid = L’assertion n’est pas encore valable.
refusal-other_browser = La connexion s’est terminée dans un autre navigateur que celui où elle a commencé, ou les cookies sont bloqués.
refusal-other_input = Les données fournies ne sont pas la réponse d’une connexion.
refusal-processing_instruction = La réponse contient une instruction de traitement.
refusal-recipient = L’assertion a été émise pour un autre destinataire que notre URL de rappel.
refusal-repeated_element = Un élément qui ne peut figurer qu’une fois apparaît deux fois.
refusal-request_expired = La réponse est arrivée plus de dix minutes après la requête.
refusal-request_used = La requête a déjà reçu une réponse ; chaque réponse ne fonctionne qu’une fois.
refusal-rsa_1_5 = La clé de l’assertion est chiffrée avec RSA PKCS #1 v1.5, qui peut la divulguer.
refusal-rsa_pss = La signature utilise RSA-PSS, qui n’est pas pris en charge.
refusal-session_expired = La session chez le fournisseur avait déjà pris fin à l’arrivée de la réponse.
refusal-several_assertions = La réponse contient plus d’une assertion.
refusal-several_emails = L’assertion contient plusieurs adresses e-mail différentes.
refusal-sha1 = La signature utilise SHA-1, qui n’est plus sûr.
refusal-signature_algorithm = La signature utilise un algorithme refusé.
refusal-signature_misplaced = Une signature se trouve à un endroit où aucune n’est permise.
refusal-signature_reference = Une signature ne couvre pas l’élément qui la contient.
refusal-signature_shape = Une signature n’a pas la forme que SAML prescrit.
refusal-signature_transform = Une signature utilise une transformation refusée.
refusal-sso_off = Le SSO est désactivé pour cette organisation.
refusal-stale_authentication = La requête demandait une nouvelle authentification, et le fournisseur n’a pas demandé à la personne de se reconnecter.
refusal-status = Le fournisseur d’identité a lui-même refusé la connexion.
refusal-subject_expired = Le délai pour présenter l’assertion est dépassé.
refusal-subject_in_response_to = L’assertion répond à une autre requête que la nôtre.
refusal-subject_not_yet_valid = Le délai pour présenter l’assertion n’a pas encore commencé.
refusal-test_of_other_person = La connexion de test a été effectuée avec le compte d’une autre personne que l’administrateur qui l’a commencée.
refusal-test_without_session = La configuration SSO est un brouillon : seule la connexion de test d’un administrateur de l’organisation est acceptée.
refusal-too_complex = La réponse contient trop d’éléments, d’attributs ou d’espaces de noms, ou trop de niveaux d’imbrication.
refusal-too_large = La réponse dépasse 256 Kio.
refusal-triple_des = L’assertion est chiffrée avec Triple DES, qui n’est plus sûr.
refusal-unknown_namespace = La réponse contient un élément qui n’y a pas sa place.
refusal-unknown_request = La réponse répond à une requête que nous n’avons pas faite pour cette configuration SSO.
refusal-unsigned = Ni la réponse ni l’assertion n’est signée.
refusal-unsolicited = Le fournisseur a envoyé une réponse sans qu’on la lui demande : elle ne désigne aucune de nos requêtes.
refusal-version = Le message n’utilise pas la version 2.0 de SAML.
refusal-weak_key = La clé du certificat du fournisseur est trop courte.

## Refused SAML sign-ins: where the fault is

fault-not-invited = la personne n’est pas invitée.
fault-of-clock = l’horloge du fournisseur d’identité ou celle de ce serveur.
fault-of-nobody = aucun paramètre n’est incorrect.
fault-of-operator = les réglages du serveur, gérés par l’opérateur.
fault-of-person = la façon dont la personne s’est connectée.
fault-of-provider = les paramètres du fournisseur d’identité.
fault-of-settings = les paramètres SSO de votre organisation.

## Refused SAML sign-ins: what to change, and the name of the setting at each provider

fix-at-product = { $product } : { $place }
fix-callback = Chez le fournisseur d’identité, réglez notre URL de rappel exactement comme l’affichent les paramètres SSO.
fix-callback-google = Applications > Applications Web et mobiles > l’application > Informations sur le fournisseur de services > URL ACS.
fix-callback-okta = General > SAML Settings > Edit > Single sign-on URL, avec « Use this for Recipient URL and Destination URL » coché.
fix-callback-entra = Authentification unique > Configuration SAML de base > URL de réponse (URL Assertion Consumer Service).
fix-callback-keycloak = Clients > le client > Avancé > Configuration du point de terminaison SAML à granularité fine > URL POST du service consommateur d’assertion, et Paramètres > URLs de redirection valides.
fix-callback-adfs = Approbations de partie de confiance > l’approbation > Propriétés > Points de terminaison > Consommateur d’assertion SAML, liaison POST.
fix-callback-jumpcloud = SSO Applications > l’application > SSO > ACS URLs: Default URL.
fix-callback-onelogin = Applications > l’application > Configuration > ACS (Consumer) URL et Recipient ; et ACS (Consumer) URL Validator, un modèle auquel elle doit correspondre.
fix-callback-other = Le champ s’appelle URL ACS, Assertion Consumer Service, URL de rappel, URL de réponse ou Recipient.
fix-audience = Chez le fournisseur d’identité, réglez notre ID d’entité exactement comme l’affichent les paramètres SSO.
fix-audience-google = Applications > Applications Web et mobiles > l’application > Informations sur le fournisseur de services > ID d’entité.
fix-audience-okta = General > SAML Settings > Edit > Audience URI (SP Entity ID).
fix-audience-entra = Authentification unique > Configuration SAML de base > Identificateur (ID d’entité).
fix-audience-keycloak = Clients > le client > Paramètres > ID du client.
fix-audience-adfs = Approbations de partie de confiance > l’approbation > Propriétés > Identificateurs > Identificateurs de la partie de confiance.
fix-audience-jumpcloud = SSO Applications > l’application > SSO > SP Entity ID.
fix-audience-onelogin = Applications > l’application > Configuration > Audience (EntityID).
fix-audience-other = Le champ s’appelle ID d’entité, SP Entity ID, Audience ou Identificateur.
fix-issuer = Dans les paramètres SSO ici, saisissez l’ID d’entité du fournisseur exactement comme le fournisseur l’affiche.
fix-issuer-google = Il figure sous Applications > Applications Web et mobiles > l’application > Télécharger les métadonnées > ID d’entité.
fix-issuer-okta = Il figure sous Sign On > Metadata details > More details > Issuer.
fix-issuer-entra = Il figure sous Authentification unique > Configurer > Identificateur Microsoft Entra.
fix-issuer-keycloak = C’est l’adresse du domaine, par exemple https://login.example.com/realms/acme : Configurations du domaine > Général > Points de terminaison > Métadonnées du fournisseur d’identités SAML 2.0, entityID.
fix-issuer-adfs = Il figure sous AD FS > Modifier les propriétés du service de fédération > Identificateur du service de fédération.
fix-issuer-jumpcloud = C’est ce qui y a été saisi, sous SSO Applications > l’application > SSO > IdP Entity ID.
fix-issuer-onelogin = Il figure sous Applications > l’application > SSO > Issuer URL, si Configuration > SAML issuer type est réglé sur Specific.
fix-issuer-other = C’est l’entityID des métadonnées du fournisseur.
fix-clock = Réglez les deux horloges par NTP. Un opérateur peut vérifier l’horloge de ce serveur avec vestibule doctor ; si elle est juste, c’est celle du fournisseur qui est fausse.
fix-clock-google = Les horloges de Google sont justes : vérifiez celle de ce serveur (timedatectl).
fix-clock-okta = Les horloges d’Okta sont justes : vérifiez celle de ce serveur (timedatectl).
fix-clock-entra = Les horloges de Microsoft sont justes : vérifiez celle de ce serveur (timedatectl).
fix-clock-keycloak = Sur le serveur de Keycloak : timedatectl. Si les réponses mettent seulement trop de temps à arriver : Clients > le client > Avancé > Paramètres avancés > Durée de vie de l’assertion.
fix-clock-adfs = Sur le serveur AD FS : w32tm /query /status. Si son horloge avance légèrement : Set-AdfsRelyingPartyTrust -NotBeforeSkew 2.
fix-clock-jumpcloud = Les horloges de JumpCloud sont justes : vérifiez celle de ce serveur (timedatectl).
fix-clock-onelogin = Les horloges de OneLogin sont justes : vérifiez celle de ce serveur (timedatectl). Si les réponses mettent seulement trop de temps à arriver : Applications > l’application > Configuration > SAML not valid on or after, en minutes.
fix-clock-other = Sur le serveur du fournisseur : timedatectl, ou w32tm sous Windows.
fix-sign = Configurez le fournisseur pour qu’il signe l’assertion.
fix-sign-google = Google signe toujours ; Informations sur le fournisseur de services > Réponse signée détermine s’il signe la réponse ou l’assertion. Vérifiez si un proxy modifie les messages.
fix-sign-okta = General > SAML Settings > Edit > Show Advanced Settings > Assertion Signature : Signed.
fix-sign-entra = Authentification unique > Certificats SAML > Modifier > Option de signature : Signer l’assertion SAML.
fix-sign-keycloak = Clients > le client > Paramètres > Signature et chiffrement > Signer les assertions : Activé.
fix-sign-adfs = Dans PowerShell : Set-AdfsRelyingPartyTrust -SamlResponseSignature AssertionOnly.
fix-sign-jumpcloud = SSO Applications > l’application > SSO > Sign : Assertion.
fix-sign-onelogin = Applications > l’application > Configuration > SAML signature element : Assertion.
fix-sign-other = Le réglage s’appelle Signer l’assertion, ou WantAssertionsSigned.
fix-algorithm = Configurez le fournisseur pour qu’il signe avec RSA et SHA-256.
fix-algorithm-google = Google signe par défaut avec SHA-256, sauf peut-être avec un certificat d’avant 2017 : Applications > Applications Web et mobiles > l’application > Informations sur le fournisseur de services > Certificat > Gérer les certificats.
fix-algorithm-okta = General > SAML Settings > Edit > Show Advanced Settings > Signature Algorithm : RSA-SHA256, Digest Algorithm : SHA256.
fix-algorithm-entra = Authentification unique > Certificats SAML > Modifier > Algorithme de signature : SHA-256.
fix-algorithm-keycloak = Clients > le client > Paramètres > Signature et chiffrement > Algorithme de signature : RSA_SHA256.
fix-algorithm-adfs = Approbations de partie de confiance > l’approbation > Propriétés > Avancé > Algorithme de hachage sécurisé : SHA-256.
fix-algorithm-jumpcloud = SSO Applications > l’application > SSO > Signature Algorithm : RSA-SHA256.
fix-algorithm-onelogin = Applications > l’application > SSO > SAML Signature Algorithm : SHA-256. La valeur par défaut est SHA-1.
fix-algorithm-other = Le réglage s’appelle Algorithme de signature, avec Algorithme de hachage à côté.
fix-canonical = Configurez le fournisseur pour qu’il utilise la transformation enveloped-signature et la canonicalisation exclusive (exc-c14n) sans commentaires.
fix-canonical-google = Google le fait ; vérifiez si un proxy modifie les messages.
fix-canonical-okta = Okta le fait ; vérifiez si un proxy modifie les messages.
fix-canonical-entra = Entra ID le fait ; vérifiez si un proxy modifie les messages.
fix-canonical-keycloak = Clients > le client > Paramètres > Signature et chiffrement > Méthode canonique : EXCLUSIVE.
fix-canonical-adfs = AD FS le fait ; vérifiez si un proxy modifie les messages.
fix-canonical-jumpcloud = JumpCloud n’a pas de réglage pour cela ; vérifiez si un proxy modifie les messages.
fix-canonical-onelogin = OneLogin le fait ; vérifiez si un proxy modifie les messages.
fix-canonical-other = Le réglage s’appelle Canonicalisation, C14N ou Transforms.
fix-certificate = Dans les paramètres SSO ici, collez le certificat avec lequel le fournisseur signe maintenant ; gardez l’ancien à côté jusqu’à la fin du changement.
fix-certificate-google = Il figure sous Applications > Applications Web et mobiles > l’application > Télécharger les métadonnées > Certificat.
fix-certificate-okta = Il figure sous Sign On > SAML Signing Certificates > celui dont le statut est Active > Actions > Download certificate.
fix-certificate-entra = Il figure sous Authentification unique > Certificats SAML > Certificat (en base64) ; c’est celui dont l’état est Actif qui signe.
fix-certificate-keycloak = Il figure sous Configurations du domaine > Clés > la ligne d’algorithme RS256 et d’usage SIG > Certificat.
fix-certificate-adfs = Il figure sous AD FS > Service > Certificats > Signature de jetons, celui marqué Principal > Afficher le certificat > Détails > Copier dans un fichier.
fix-certificate-jumpcloud = Il se trouve sous SSO Applications > l’application > IDP Certificate Valid > Download certificate.
fix-certificate-onelogin = Il figure sous Applications > l’application > SSO > X.509 Certificate > View Details.
fix-certificate-other = C’est le X509Certificate de signature dans les métadonnées du fournisseur.
fix-strong-key = Configurez le fournisseur pour qu’il signe avec une clé RSA d’au moins 2 048 bits, ou EC P-256, P-384 ou P-521 ; puis collez son certificat ici.
fix-strong-key-google = Sécurité > Authentification > SSO avec des applications SAML > Ajouter un certificat en crée un de 2 048 bits.
fix-strong-key-okta = Sign On > SAML Signing Certificates > Generate new certificate en crée un de 2 048 bits.
fix-strong-key-entra = Authentification unique > Certificats SAML > Modifier > Nouveau certificat en crée un de 2 048 bits.
fix-strong-key-keycloak = Configurations du domaine > Clés > Ajouter un fournisseur > rsa-generated, avec une Taille de clé de 2048 ou plus.
fix-strong-key-adfs = Dans PowerShell : Update-AdfsCertificate -CertificateType Token-Signing en crée un de 2 048 bits.
fix-strong-key-jumpcloud = SSO Applications > l’application > IDP Certificate Valid > Regenerate certificate ; ou importez-y un certificat et sa clé privée, d’au moins 2 048 bits.
fix-strong-key-onelogin = Security > Certificates > New, avec Key Length 2048 ; puis, dans l’application, SSO > X.509 Certificate > Change.
fix-strong-key-other = Le réglage s’appelle Clé de signature ou Certificat de signature de jetons.
fix-encrypt = Configurez le fournisseur pour qu’il chiffre avec AES-GCM et RSA-OAEP pour le certificat de chiffrement de nos métadonnées actuelles (leur adresse est l’ID d’entité). Ou désactivez le chiffrement : TLS protège toujours le message.
fix-encrypt-google = Google Workspace ne chiffre pas les assertions ; vérifiez si quelque chose entre lui et Vestibule modifie les messages.
fix-encrypt-okta = General > SAML Settings > Edit > Show Advanced Settings > Assertion Encryption, Encryption Algorithm : AES256-GCM, Key Transport Algorithm : RSA-OAEP, Encryption Certificate.
fix-encrypt-entra = Sécurité > Chiffrement de jeton > Importer un certificat, puis activez-le. Entra ID chiffre en AES-256-CBC : Authentification unique > Certificats SAML > Option de signature : Signer la réponse et l’assertion SAML.
fix-encrypt-keycloak = Clients > le client > Clés > Assertions de chiffrement, et importez-y le certificat ; Paramètres > Signer les documents : Activé s’il chiffre en AES-CBC.
fix-encrypt-adfs = Approbations de partie de confiance > l’approbation > Propriétés > Chiffrement > Parcourir. AD FS chiffre en AES-CBC : Set-AdfsRelyingPartyTrust -SamlResponseSignature MessageAndAssertion.
fix-encrypt-jumpcloud = L’onglet SSO de JumpCloud n’a pas de champ pour chiffrer les assertions ; vérifiez si quelque chose entre lui et Vestibule modifie les messages.
fix-encrypt-onelogin = Applications > l’application > Configuration > SAML Encryption : la clé de notre certificat de chiffrement. SAML encryption method : AES-128-CBC au lieu de TRIPLEDES-CBC, avec SAML signature element : Both. Ou Encrypt assertion : non coché.
fix-encrypt-other = Les réglages s’appellent Chiffrement de l’assertion, Certificat de chiffrement, Algorithme de chiffrement et Algorithme de transport de clé.
fix-no-encryption = Désactivez le chiffrement chez le fournisseur ; TLS protège toujours le message.
fix-no-encryption-google = Applications > Applications Web et mobiles > l’application > Informations sur le fournisseur de services : supprimez le certificat de chiffrement.
fix-no-encryption-okta = General > SAML Settings > Edit > Show Advanced Settings > Assertion Encryption : Unencrypted.
fix-no-encryption-entra = Sécurité > Chiffrement de jeton : désactivez ou supprimez le certificat.
fix-no-encryption-keycloak = Clients > le client > Clés > Assertions de chiffrement : Désactivé.
fix-no-encryption-adfs = Approbations de partie de confiance > l’approbation > Propriétés > Chiffrement > Supprimer ; ou dans PowerShell : Set-AdfsRelyingPartyTrust -EncryptClaims $false.
fix-no-encryption-jumpcloud = L’onglet SSO de JumpCloud n’a pas de champ pour chiffrer ; vérifiez si quelque chose entre lui et Vestibule modifie les messages.
fix-no-encryption-onelogin = Applications > l’application > Configuration > Encrypt assertion : non coché.
fix-no-encryption-other = Le réglage s’appelle Chiffrement de l’assertion, ou Chiffrer le NameID et Chiffrer les attributs.
fix-fresh = Connectez-vous une nouvelle fois. Si le fournisseur ne peut pas redemander l’authentification, désactivez « Demander une nouvelle authentification » dans les paramètres SSO, sous « Options avancées ».
fix-fresh-google = Google Workspace n’a pas de réglage pour cela.
fix-fresh-okta = General > SAML Settings > Edit > Show Advanced Settings > Honor Force Authentication : Yes.
fix-fresh-entra = Accès conditionnel > Session > Fréquence de connexion : À chaque fois redemande aussi l’authentification.
fix-fresh-keycloak = Keycloak redemande l’authentification sans réglage ; vérifiez l’horloge de son serveur.
fix-fresh-adfs = Dans PowerShell : Set-AdfsRelyingPartyTrust -AlwaysRequireAuthentication $true, et vérifiez l’horloge de son serveur.
fix-fresh-jumpcloud = L’onglet SSO de JumpCloud n’a pas de réglage pour cela.
fix-fresh-onelogin = Security > Policies > une politique d’application avec Forced Authentication ; puis, dans l’application, Access > Policy.
fix-fresh-other = Le réglage peut s’appeler ForceAuthn, ou Honor Force Authentication.
fix-email = Configurez le fournisseur pour qu’il envoie l’adresse e-mail, comme NameID ou dans un seul attribut nommé email, et assurez-vous que cette personne en a une chez lui.
fix-email-google = Informations sur le fournisseur de services > Format de l’ID du nom : EMAIL, ID du nom : Informations de base > Adresse e-mail principale.
fix-email-okta = General > SAML Settings > Edit > Name ID format : EmailAddress, Application username : Email.
fix-email-entra = Authentification unique > Attributs et revendications > Identificateur d’utilisateur unique (ID de nom) : user.mail, et la revendication emailaddress : user.mail.
fix-email-keycloak = Clients > le client > Paramètres > Format de l’ID du nom : email, Forcer le format de l’ID du nom : Activé. L’adresse se trouve sous Utilisateurs > la personne > Détails > Courriel.
fix-email-adfs = Modifier la stratégie d’émission de revendication > Ajouter une règle > Envoyer les attributs LDAP en tant que revendications : E-Mail-Addresses comme Adresse de messagerie ; puis Transformer une revendication entrante : Adresse de messagerie vers ID de nom, au format E-mail.
fix-email-jumpcloud = SSO Applications > l’application > SSO > SAMLSubject NameID : email, SAMLSubject NameID Format : celui qui se termine par emailAddress. L’adresse se trouve sous Users > la personne > Details > Company Email.
fix-email-onelogin = Applications > l’application > Configuration > SAML nameID format : Email, et Parameters > NameID value : Email. L’adresse se trouve sous Users > Users > la personne > Email.
fix-email-other = Associez l’adresse au NameID au format emailAddress, ou à un attribut nommé email.
fix-guest-email = Configurez le fournisseur pour qu’il envoie l’adresse e-mail de l’invité au lieu du nom interne (avec #), et invitez cette adresse ici.
fix-guest-email-google = Si les personnes sont importées depuis Entra ID : le mappage des attributs SAML doit utiliser Adresse e-mail principale.
fix-guest-email-okta = Si les personnes sont importées depuis Entra ID : Directory > Profile Editor > Mappings, avec mail pour email.
fix-guest-email-entra = Authentification unique > Attributs et revendications > emailaddress : user.mail, et Identificateur d’utilisateur unique (ID de nom) : user.mail au lieu de user.userprincipalname. L’adresse se trouve sous Utilisateurs > l’invité > Propriétés > Informations de contact > E-mail.
fix-guest-email-keycloak = Si le domaine connecte les personnes par Entra ID : Fournisseurs d’identités > le fournisseur > Mappeurs, avec la revendication user.mail comme email.
fix-guest-email-adfs = Si une approbation de fournisseur de revendications mène à Entra ID : Modifier les règles de revendication, et transmettez Adresse de messagerie au lieu de UPN.
fix-guest-email-jumpcloud = Si les personnes sont importées depuis Entra ID : Users > la personne > Details > Company Email doit être leur propre adresse.
fix-guest-email-onelogin = Si les personnes sont importées depuis Entra ID : Users > Users > la personne > Email doit être leur propre adresse.
fix-guest-email-other = Associez l’adresse propre à la personne (chez Entra ID, user.mail) à l’attribut email.
fix-one-email = Configurez le fournisseur pour qu’il envoie une seule adresse e-mail, celle à laquelle la personne est invitée.
fix-one-email-google = Mappage des attributs SAML : gardez une seule ligne dont l’attribut d’application est email, associée à Adresse e-mail principale.
fix-one-email-okta = General > SAML Settings > Edit > Attribute Statements : gardez une seule ligne nommée email, avec la valeur user.email.
fix-one-email-entra = Authentification unique > Attributs et revendications : gardez une seule revendication avec une adresse e-mail, emailaddress : user.mail.
fix-one-email-keycloak = Clients > le client > Périmètres client > le périmètre dédié : gardez un seul mappeur dont le nom d’attribut SAML est email.
fix-one-email-adfs = Modifier la stratégie d’émission de revendication : gardez une seule règle qui émet Adresse de messagerie, et pas à partir de proxyAddresses, qui en contient plusieurs.
fix-one-email-jumpcloud = SSO Applications > l’application > SSO > Attributes > User Attribute Mapping : gardez une seule ligne dont Service Provider Attribute Name est email, associée à email.
fix-one-email-onelogin = Applications > l’application > Parameters : gardez un seul champ nommé email avec la valeur Email, marqué Include in SAML assertion.
fix-one-email-other = Gardez un seul attribut nommé email ou mail, avec une seule valeur.
fix-fewer-attributes = Configurez le fournisseur pour qu’il envoie moins d’attributs, par exemple seulement les groupes utiles.
fix-fewer-attributes-google = Mappage des attributs SAML > Appartenance à des groupes (facultatif) : retirez des groupes.
fix-fewer-attributes-okta = General > SAML Settings > Edit > Group Attribute Statements : restreignez le filtre.
fix-fewer-attributes-entra = Authentification unique > Attributs et revendications > la revendication de groupes : Groupes affectés à l’application.
fix-fewer-attributes-keycloak = Clients > le client > Périmètres client > le périmètre dédié : supprimez les mappeurs de groupes et de rôles.
fix-fewer-attributes-adfs = Modifier la stratégie d’émission de revendication : supprimez la règle qui envoie Token-Groups.
fix-fewer-attributes-jumpcloud = SSO Applications > l’application > SSO > Attributes > Group Attributes : n’incluez pas l’attribut de groupe.
fix-fewer-attributes-onelogin = Applications > l’application > Parameters : supprimez les champs de rôles et de groupes, ou ne les marquez pas Include in SAML assertion.
fix-fewer-attributes-other = Cherchez les mappages de groupes, de rôles et de photos.
fix-assigned = Consultez le journal du fournisseur : il a refusé cette personne ou notre requête. Souvent, la personne n’est pas affectée à l’application.
fix-assigned-google = Applications > Applications Web et mobiles > l’application > Accès des utilisateurs : ACTIVÉ pour le groupe de la personne. Journal : Rapports > Audit et enquête > Événements de journaux SAML.
fix-assigned-okta = Assignments : la personne ou l’un de ses groupes. Journal : Reports > System Log.
fix-assigned-entra = Utilisateurs et groupes : la personne ou l’un de ses groupes. Journal : Surveillance > Journaux de connexion.
fix-assigned-keycloak = Utilisateurs > la personne : Actif. Paramètres > Signature du client nécessaire : Désactivé, si nos requêtes ne sont pas signées. Journal : Évènements > Évènements utilisateur.
fix-assigned-adfs = Approbations de partie de confiance > l’approbation > Modifier la stratégie de contrôle d’accès. Journal : Observateur d’événements > Journaux des applications et des services > AD FS > Admin.
fix-assigned-jumpcloud = SSO Applications > l’application > User Groups : l’un des groupes de la personne. Journal : Insights > Directory, les événements SSO.
fix-assigned-onelogin = Applications > l’application > Access : l’un des rôles de la personne. Journal : Activity > Events.
fix-assigned-other = Donnez accès à l’application à la personne, et voyez ce que le fournisseur a journalisé à ce moment-là.
fix-post-back = Le fournisseur doit répondre par une seule Response SAML 2.0 en HTTP-POST, pour l’authentification unique par navigateur web.
fix-post-back-google = Créez l’application avec Ajouter une application > Ajouter une application SAML personnalisée.
fix-post-back-okta = Créez l’application avec Create App Integration > SAML 2.0.
fix-post-back-entra = Sous Authentification unique, choisissez SAML.
fix-post-back-keycloak = Clients > le client : Type de client SAML ; Paramètres > Capabilités SAML > Forcer l’association POST : Activé, Forcer l’association de l’artefact : Désactivé.
fix-post-back-adfs = Approbations de partie de confiance > l’approbation > Propriétés > Points de terminaison : un Consommateur d’assertion SAML avec la liaison POST, par défaut.
fix-post-back-jumpcloud = Créez l’application avec Add New Application > Custom Application > Manage Single Sign-On (SSO) > Configure SSO with SAML.
fix-post-back-onelogin = Créez l’application avec Add App > SAML Custom Connector (Advanced).
fix-post-back-other = Choisissez SAML 2.0 plutôt que SAML 1.1 ou WS-Federation, et HTTP-POST comme binding de la réponse.
fix-plain-message = Le message a une forme que les fournisseurs n’envoient pas. Vérifiez si quelque chose entre le fournisseur et Vestibule le modifie ; sinon, signalez-le à l’éditeur du fournisseur d’identité.
fix-plain-message-google = Si Google l’envoie sous cette forme, contactez l’assistance de Google Workspace en indiquant la référence.
fix-plain-message-okta = Si Okta l’envoie sous cette forme, cherchez un Assertion Inline Hook sous General ; sinon, contactez l’assistance d’Okta.
fix-plain-message-entra = Si Entra ID l’envoie sous cette forme, cherchez des revendications aux valeurs inhabituelles sous Attributs et revendications ; sinon, contactez l’assistance de Microsoft.
fix-plain-message-keycloak = Cherchez des extensions maison, par exemple un mappeur de script sous Périmètres client > le périmètre dédié.
fix-plain-message-adfs = Cherchez des règles de revendication personnalisées sous Modifier la stratégie d’émission de revendication.
fix-plain-message-jumpcloud = Si JumpCloud l’envoie sous cette forme, cherchez des Constant Attributes aux valeurs inhabituelles sous SSO > Attributes ; sinon, contactez l’assistance de JumpCloud.
fix-plain-message-onelogin = Si OneLogin l’envoie sous cette forme, cherchez des champs avec des macros ou des valeurs inhabituelles sous Parameters ; sinon, contactez l’assistance de OneLogin.
fix-plain-message-other = Cherchez des modèles, des hooks ou des scripts maison qui écrivent l’assertion.
fix-tile = Dans les paramètres SSO ici, réglez l’URL de connexion sur l’adresse à laquelle le fournisseur accepte nos requêtes (AuthnRequest), et non sur un lien de lancement ; et faites ouvrir l’URL de notre portail par la vignette de l’application chez le fournisseur.
fix-tile-google = L’URL de connexion est URL SSO sous Informations sur le fournisseur d’identité Google, https://accounts.google.com/o/saml2/idp?idpid=..., et non un lien qui contient initsso. Laissez vide Informations sur le fournisseur de services > URL de démarrage.
fix-tile-okta = L’URL de connexion se trouve sous Sign On > View SAML setup instructions et se termine par /sso/saml ; ce n’est pas l’App Embed Link (/home/...). Masquez la vignette de l’application (General > App Settings > Application visibility) et ajoutez une Bookmark App qui ouvre l’URL du portail.
fix-tile-entra = L’URL de connexion est Authentification unique > Configurer > URL de connexion, https://login.microsoftonline.com/.../saml2, et non l’URL d’accès utilisateur de myapps.microsoft.com. Authentification unique > Configuration SAML de base > URL de connexion (facultatif) : l’URL de notre portail.
fix-tile-keycloak = L’URL de connexion se termine par /realms/REALM/protocol/saml, et non par /protocol/saml/clients/NAME. Clients > le client > Paramètres > Nom de l’URL du SSO initié par l’IDP : vide, et URL d’accueil : l’URL de notre portail.
fix-tile-adfs = L’URL de connexion se termine par /adfs/ls/, et non par /adfs/ls/idpinitiatedsignon.aspx. Donnez aux personnes l’URL du portail.
fix-tile-jumpcloud = L’URL de connexion est IDP URL sous SSO Applications > l’application > SSO, et non un lien du User Portal. Masquez l’application (General Info > Show in User Portal) et ajoutez un bookmark qui ouvre l’URL du portail.
fix-tile-onelogin = L’URL de connexion est SAML 2.0 Endpoint (HTTP) sous Applications > l’application > SSO, et non un lien qui contient /launch/. Configuration > SAML initiator : Service Provider, et Login URL : l’URL de notre portail.
fix-tile-other = L’URL de connexion est SingleSignOnService avec le binding HTTP-Redirect dans les métadonnées du fournisseur. Désactivez la connexion initiée par le fournisseur d’identité, ou faites de la vignette un lien vers l’URL du portail.
fix-test-as-yourself = Déconnectez-vous chez le fournisseur et recommencez le test avec votre propre compte ; votre adresse doit être la même chez lui et ici.
fix-test-as-yourself-google = Google affiche le compte en haut à droite : choisissez Utiliser un autre compte.
fix-test-as-yourself-okta = Dans le tableau de bord d’Okta : votre nom > Sign out.
fix-test-as-yourself-entra = Déconnectez-vous à l’adresse https://myapps.microsoft.com.
fix-test-as-yourself-keycloak = Déconnectez-vous dans la console de gestion du compte du domaine.
fix-test-as-yourself-adfs = Ouvrez /adfs/ls/?wa=wsignout1.0 chez le fournisseur.
fix-test-as-yourself-jumpcloud = User Portal de JumpCloud : vos initiales en haut à droite, puis déconnectez-vous.
fix-test-as-yourself-onelogin = Déconnectez-vous de votre portail OneLogin, par exemple https://acme.onelogin.com/portal.
fix-test-as-yourself-other = Ou testez dans une fenêtre de navigation privée.
fix-invite = Invitez cette personne sous « Personnes », ou retirez-lui l’accès à l’application chez le fournisseur. Les comptes ne sont jamais créés automatiquement.
fix-invite-google = Chez le fournisseur : Applications > Applications Web et mobiles > l’application > Accès des utilisateurs.
fix-invite-okta = Chez le fournisseur : Applications > l’application > Assignments.
fix-invite-entra = Chez le fournisseur : Applications d’entreprise > l’application > Utilisateurs et groupes.
fix-invite-keycloak = Chez le fournisseur : Clients > le client > Rôles, ou un flux d’authentification qui refuse l’accès.
fix-invite-adfs = Chez le fournisseur : Approbations de partie de confiance > l’approbation > Modifier la stratégie de contrôle d’accès.
fix-invite-jumpcloud = Chez le fournisseur : SSO Applications > l’application > User Groups.
fix-invite-onelogin = Chez le fournisseur : Applications > l’application > Access, et Users > Users > la personne > Applications.
fix-invite-other = Chez le fournisseur : le réglage qui affecte les personnes à l’application.
fix-again = Connectez-vous encore une fois, depuis l’URL du portail. Si cela se reproduit à chaque fois, prévenez un opérateur.
fix-same-browser = Commencez et terminez la connexion dans le même navigateur, avec les cookies autorisés pour ce site. Si tout le monde est concerné, demandez à un opérateur de vérifier l’URL publique avec vestibule doctor.
fix-test-sign-in = Connectez-vous avec votre mot de passe et cliquez sur « Connexion de test » dans les paramètres SSO ici.
fix-enable = Demandez à un opérateur de réactiver cette personne, ou retirez-lui l’accès à l’application chez le fournisseur.
fix-plan = Demandez à un opérateur quelle est l’offre de l’organisation.
fix-copy-message = Copiez la valeur de SAMLResponse : ouvrez les outils de développement du navigateur, puis Réseau, activez la conservation du journal, connectez-vous, choisissez la requête POST vers l’URL de rappel (elle se termine par /acs) et copiez SAMLResponse dans sa charge utile.
fix-as-sent = Utilisez la valeur de SAMLResponse telle qu’elle a été envoyée : une copie mise en forme par un outil ne peut pas être vérifiée. Si une connexion a été refusée pour cette raison, quelque chose entre le fournisseur d’identité et Vestibule met les messages en forme : désactivez-le. Si c’est le fournisseur lui-même qui les met en forme, comparez son certificat avec ceux d’ici.

## SAML sign-ins: what each rule requires

rule-form = Le message est une Response SAML en XML simple, que tous les analyseurs lisent de la même façon.
rule-status = Le fournisseur indique que la connexion a réussi.
rule-encryption = Une assertion chiffrée a la forme que nous acceptons, et l’une de nos clés la déchiffre.
rule-structure = La réponse contient une seule assertion, et chaque signature couvre son propre élément parent, Response ou Assertion.
rule-signed = La réponse ou l’assertion est signée.
rule-certificate = La configuration SSO a un certificat dont la clé est assez forte.
rule-signature = La signature a été faite avec la clé d’un tel certificat, et rien n’a changé depuis.
rule-version = Il utilise la version 2.0 de SAML.
rule-issuer = Il provient du fournisseur de la configuration SSO : Issuer est l’ID d’entité des paramètres SSO.
rule-destination = La réponse a été envoyée à notre URL de rappel : Destination, si présent.
rule-in_response_to = La réponse répond à la requête qui a commencé cette connexion.
rule-issue_instant = Elle vient d’être émise : IssueInstant se situe à moins de cinq minutes, plus l’écart d’horloge toléré.
rule-subject_confirmation = L’assertion est destinée à être présentée par le navigateur qui la porte : SubjectConfirmation avec la méthode bearer.
rule-recipient = L’assertion a été émise pour notre URL de rappel : Recipient.
rule-subject_time = L’assertion peut être présentée maintenant : NotOnOrAfter de SubjectConfirmationData.
rule-subject_in_response_to = L’assertion répond à la requête qui a commencé cette connexion.
rule-conditions = L’assertion indique les conditions auxquelles elle est valable.
rule-not_before = L’assertion est devenue valable : NotBefore.
rule-not_on_or_after = L’assertion n’a pas expiré : NotOnOrAfter.
rule-audience = L’assertion a été émise pour nous : Audience est notre ID d’entité.
rule-session = La session chez le fournisseur n’a pas pris fin : SessionNotOnOrAfter.
rule-authentication = Si la requête demandait une nouvelle authentification, la personne s’est connectée après elle : AuthnInstant.
rule-name_id = Un NameID, si présent, désigne une personne et a été émis pour nous.
rule-email = Il contient une seule adresse e-mail : dans un attribut comme email, ou à défaut dans le NameID.

## Trace: names of rules, values expected and received

rule-name-form = Forme
rule-name-status = Statut
rule-name-encryption = Chiffrement
rule-name-structure = Structure
rule-name-signed = Signé
rule-name-certificate = Certificat
rule-name-signature = Signature
rule-name-version = Version
rule-name-issuer = Émetteur
rule-name-destination = Destination
rule-name-in_response_to = En réponse à
rule-name-issue_instant = Moment d’émission
rule-name-subject_confirmation = Confirmation du sujet
rule-name-recipient = Destinataire
rule-name-subject_time = Délai de remise
rule-name-subject_in_response_to = InResponseTo du sujet
rule-name-conditions = Conditions
rule-name-not_before = Pas avant
rule-name-not_on_or_after = Pas à partir de
rule-name-audience = Audience
rule-name-session = Session
rule-name-authentication = Authentification
rule-name-name_id = NameID
rule-name-email = E-mail
trace-after-request = au plus tôt à la requête de { $at }, moins { $secs } s d’écart d’horloge
trace-not-over = non expiré
trace-no-end = aucune fin
trace-within-5-minutes = à moins de 5 minutes de maintenant
trace-as-asked = une nouvelle authentification, si la requête en demandait une
trace-name-for-us = aucun, ou un nom destiné à ce fournisseur de services
trace-one-email = une seule adresse e-mail
trace-one-conditions = un seul élément Conditions
trace-not-in-future = pas dans le futur
trace-plain-response = une réponse SAML 2.0 simple
trace-opens = non chiffré, ou chiffré pour l’une de nos clés
trace-not-encrypted = non chiffré
trace-signed = une Response ou une Assertion signée
trace-no-signature = aucune signature
trace-both-signed = la Response et l’Assertion sont signées
trace-response-signed = la Response est signée
trace-assertion-signed = l’Assertion est signée
trace-structure = une seule Assertion, et des signatures de la forme requise
trace-so = conforme
trace-usable-certificates = un à quatre certificats utilisables
trace-by-certificates = signé avec l’un des certificats de la connexion
trace-other-key = une signature faite avec une autre clé, ou un message modifié
trace-no-match = une signature qu’aucun certificat ne vérifie
trace-formatted = un message avec des espaces entre ses éléments, comme dans une copie mise en forme
trace-no-such-certificate = aucun certificat de ce type
trace-strong-key = RSA de 2048 bits ou plus, ou EC P-256, P-384 ou P-521
trace-plain-names = des noms et attributs non chiffrés
trace-valid-certificate = un certificat qui n’a pas expiré
trace-expired-at = expiré le { $at }
trace-not-judged = non vérifié, car l’identifiant de la requête n’est pas connu
trace-bearer-confirmation = une SubjectConfirmation de méthode bearer
trace-without-data = une SubjectConfirmation bearer sans SubjectConfirmationData
trace-delivery = NotOnOrAfter sur SubjectConfirmationData
trace-no-restriction = aucune AudienceRestriction
trace-no-audience = aucune Audience
trace-not-told = non envoyé
trace-none = aucun
trace-one = un
trace-two = deux
trace-several = plusieurs
trace-more = un message plus grand
trace-named-name-id = un NameID non vide
trace-empty-one = un NameID vide
trace-email-wanted = une adresse e-mail dans un attribut tel que email, ou comme NameID
trace-email-form = une adresse e-mail telle que ann@acme.test, en ASCII
trace-base64 = le message en base64, encodé une seule fois
trace-by-post = du XML en base64, tel que la liaison HTTP-POST l’envoie
trace-deflated = du XML compressé en base64, tel que la liaison HTTP-Redirect l’envoie
trace-plain-xml = du XML simple
trace-each-id-once = chaque ID une seule fois
trace-known-elements = des éléments de SAML et de XML Signature
trace-direct-signature = Signature comme enfant direct de Response ou d’Assertion
trace-one-signature = au plus une Signature par élément
trace-assertion-inside = une seule Assertion dans la Response
trace-elsewhere = une Assertion à un autre endroit
trace-one-assertion = une seule Assertion
trace-no-advice = une seule assertion
trace-in-advice = une autre assertion dans Advice
trace-our-request = l’identifiant d’une requête de cette connexion
trace-in-time = une réponse en moins de 10 minutes
trace-late = une réponse plus tardive
trace-response-to-ours = InResponseTo avec l’identifiant de notre requête
trace-open-request = une requête encore sans réponse
trace-answered = déjà répondue
trace-new-assertion = une assertion encore inutilisée
trace-used-one = déjà utilisée
trace-cookie = le cookie du navigateur qui a commencé cette connexion
trace-same-settings = les mêmes paramètres qu’au début de la connexion
trace-others = des paramètres modifiés
trace-admins-test = une connexion de test par un administrateur de l’organisation connecté
trace-other-sign-in = une autre connexion
trace-sso-plan = une formule avec SSO, et une connexion
trace-neither = l’une des deux manque, ou les deux
trace-member = un membre ou une personne invitée
trace-enabled = une personne qui n’est pas désactivée
trace-by = au plus tard { $at } (maintenant), plus { $secs } s d’écart d’horloge
trace-after = après { $at } (maintenant), moins { $secs } s d’écart d’horloge
trace-within = à moins de { $most } s de { $at }
trace-no-time = { $raw }, qui n’est pas une date telle que 2026-11-24T09:00:00Z
trace-at-most-bytes = { $most } octets au plus
trace-by-one-of = signé avec l’un de { $all }
trace-several-emails = { $one } dans l’attribut { $there }, et { $other } dans l’attribut { $name }
trace-sign-on-url = aucun ; l’URL de connexion configurée ici est { $url }
trace-bom = une marque d’ordre des octets là où le texte devrait commencer
trace-late-declaration = une déclaration XML qui n’est pas au début : des espaces ou du texte la précèdent
trace-cdata = une section CDATA
trace-comment = un commentaire
trace-instruction = une instruction de traitement
trace-doctype = un DOCTYPE
trace-close-attributes = des attributs sans espace entre eux
trace-namespace-reference = un espace de noms qui contient une référence ou des espaces
trace-undeclared-prefix = un préfixe non déclaré
trace-prefixed-id = un attribut ID avec un préfixe
trace-second-root = un deuxième élément racine
trace-end-tag-alone = une balise de fin sans son début
trace-cdata-end = la suite ]]> dans du texte
trace-text-outside = du texte en dehors de l’élément racine
trace-reference-outside = une référence en dehors de l’élément racine
trace-no-element = aucun élément
trace-too-many-namespaces = trop d’espaces de noms à la fois
trace-reserved-prefix = un préfixe que XML réserve ou qui n’est pas déclaré
trace-not-xml-part = une partie qui n’est pas du XML
trace-bang = <! sans commentaire, section CDATA ni DOCTYPE à sa suite
trace-open-tag = une balise qui n’est pas fermée : le texte est coupé, ou il y a un < ou un guillemet de trop
trace-open-comment = un commentaire qui ne se termine pas
trace-open-cdata = une section CDATA qui ne se termine pas
trace-open-doctype = un DOCTYPE qui ne se termine pas
trace-open-instruction = une déclaration ou une instruction XML qui ne se termine pas
trace-ampersand = un & qui ne commence aucune référence ; en XML, il s’écrit &amp;
trace-hyphens = un commentaire qui contient --
trace-nameless-doctype = un DOCTYPE sans nom
trace-no-version = une déclaration XML sans version="1.0"
trace-no-attribute-value = un attribut sans valeur
trace-unquoted-attribute = un attribut dont la valeur n’est pas entre guillemets
trace-open-attribute = un attribut dont la valeur n’a pas de guillemet fermant
trace-attribute-twice = un attribut présent deux fois sur un même élément
trace-empty-value = une valeur vide
trace-base64-url = du base64url, avec - et _ à la place de + et /
trace-spaced-base64 = du base64 avec des espaces à la place des +, comme dans un formulaire où + n’est pas écrit %2B
trace-twice-base64 = du base64 de base64 : le message est encodé deux fois
trace-utf-16 = du texte UTF-16
trace-id-form = un ID de 256 caractères au plus, qui commence par une lettre ou _ et ne contient que des lettres, des chiffres, _, - et .
trace-key-info = un KeyInfo avec des certificats ou des noms
trace-other-part = une partie d’une autre signature
trace-signature-parts = SignedInfo, SignatureValue, éventuellement KeyInfo
trace-digest = une empreinte SHA-256, SHA-384 ou SHA-512
trace-method = RSA ou ECDSA avec SHA-256, SHA-384 ou SHA-512
trace-transforms = enveloped-signature, puis exc-c14n
trace-exclusive = la canonicalisation exclusive, tout au plus avec InclusiveNamespaces
trace-one-encrypted-data = un EncryptedAssertion qui ne contient pas exactement un EncryptedData
trace-encrypted-else = un EncryptedAssertion qui contient autre chose
trace-encrypted-type = un EncryptedData d’un autre type qu’Element
trace-encrypted-form = un EncryptedData qui inclut son EncryptedKey
trace-gcm = AES-GCM, ou une Response signée autour d’AES-CBC
trace-plain-or-key = une Assertion non chiffrée, ou des clés SAML propres pour la déchiffrer
trace-for-our-key = une Assertion chiffrée pour l’une de nos clés
trace-not-opened = indéchiffrable avec nos clés
trace-as-signed = l’élément signé tel qu’il est dans le document
trace-another = un autre élément
trace-xml-version = XML version { $version }
trace-encoding = l’encodage { $encoding } (UTF-8 est nécessaire)
trace-entity = l’entité &{ $name };
trace-prefix = le préfixe non déclaré { $prefix }
trace-forbidden-character = un caractère interdit en XML (U+{ $code })
trace-many-attributes = un élément avec plus de { $most } attributs
trace-many-elements = plus de { $most } éléments
trace-deep = des éléments imbriqués sur plus de { $most } niveaux
trace-many-namespaces = un élément avec plus de { $most } espaces de noms en portée
trace-open-element = l’élément { $name } sans sa fin : le texte est coupé
trace-no-start = la balise de fin </{ $name }> sans son début : il manque le commencement du texte
trace-other-end = la balise de fin </{ $found }> à la place de </{ $expected }>
trace-attribute-ampersand = l’attribut { $name } avec un & qui ne commence aucune référence ; en XML, il s’écrit &amp;
trace-named-twice = l’attribut { $name } deux fois sur un même élément
trace-attribute = l’attribut { $name }
trace-element-name = le nom d’élément { $name }
trace-not-encoded = du XML non encodé : { $start }
trace-url-encoded = du texte encodé en URL une fois de plus qu’un formulaire : { $start }
trace-odd-character = le caractère { $c } à la position { $place } de { $start }
trace-cut-base64 = du base64 coupé ou avec des caractères en trop : { $start }
trace-not-utf-8 = des octets qui ne sont pas de l’UTF-8, à partir de l’octet { $place } sur { $count }
trace-several-in = plusieurs dans { $element }
trace-part-inside = une Signature, ou une partie de Signature, dans { $element }
trace-signed-id = un ID sur l’élément signé { $element }
trace-id-on = un ID sur { $element }
trace-response-of = Response de { $namespace }
trace-with-in-it = avec { $names } à l’intérieur
trace-root-metadata = { $root } : des métadonnées, qui décrivent un fournisseur
trace-root-request = { $root } : notre propre requête au fournisseur d’identité, qui précède la réponse
trace-root-logout = { $root } : une demande de déconnexion
trace-root-logged-out = { $root } : la réponse d’une déconnexion, et non d’une connexion
trace-root-artifact = { $root } : une réponse par le binding artifact ; le rappel accepte HTTP-POST
trace-root-assertion = { $root } : une assertion sans la Response qui la contient
trace-root-saml-1 = { $root } : un message SAML 1.1
trace-root-ws = { $root } : un message WS-Federation
trace-root-soap = { $root } : une enveloppe SOAP
trace-root-page = { $root } : une page web
trace-email-scheme = { $value }, qui a { $scheme } devant l’adresse
trace-email-name = { $value }, qui a un nom devant l’adresse
trace-email-several = { $value }, qui contient plusieurs adresses
trace-email-letter = { $value }, qui a { $letter } (U+{ $code }) devant le @, où seul l’ASCII est accepté
trace-email-domain = { $value }, dont le domaine en ASCII est { $ascii }
trace-same = { $value }, qui est identique à la valeur attendue ; la différence est ailleurs dans le message
trace-differs-space = { $value }, qui diffère par des espaces ou des caractères invisibles
trace-differs-case = { $value }, qui diffère par les majuscules et les minuscules
trace-differs-slash = { $value }, qui diffère par le / final
trace-differs-scheme = { $value }, qui diffère par http et https
trace-differs-letter = { $value }, qui diffère par la lettre { $c } (U+{ $code }), qui n’est pas de l’alphabet latin
trace-long = { $value } ({ $count } caractères ; les { $same } premiers sont conformes)
trace-id-empty = { $id }, qui est vide
trace-id-long = { $id }, qui a { $count } caractères
trace-id-digit = { $id }, qui commence par le chiffre { $c }
trace-id-start = { $id }, qui commence par { $c }
trace-id-character = { $id }, qui contient le caractère { $c }
trace-id-twice = { $id }, deux fois
trace-unread-one = { $value } ; l’attribut { $name } contient une adresse, et doit s’appeler email pour être lu
trace-unread-several = { $value } ; les attributs { $names } contiennent des adresses, et l’un d’eux doit s’appeler email pour être lu
trace-twice-in = { $name } deux fois dans { $element }
trace-in-attribute = { $value } dans l’attribut { $name }
trace-as-name-id = { $value } comme NameID
trace-without-elements = { $name } sans élément à l’intérieur

## Metadata, certificates and logos that are refused: the end of a sentence that begins with the thing's name

certificate-address = est une adresse ; collez le certificat qui s’y trouve, ou chargez les métadonnées du fournisseur depuis cette adresse
certificate-authorities = { $count } des autorités qui l’ont délivré
certificate-cut-off = est tronqué : il en reste { $there } octets sur { $promised } ; copiez-le en entier, de BEGIN à END
certificate-damaged = est endommagé : le texte après BEGIN n’est pas du base64 ; copiez-le à nouveau
certificate-ends = { $fingerprint } (expire le { $at })
certificate-expired = a expiré le { $at } ; procurez-vous le certificat actuel du fournisseur
certificate-file-archive = est { $kind } ; décompressez le fichier et choisissez le certificat lui-même, un fichier .cer, .crt ou .pem par exemple
certificate-file-kind = est { $kind } ; choisissez le certificat lui-même, un fichier .cer, .crt ou .pem par exemple
certificate-fingerprint = est l’empreinte d’un certificat ; collez le certificat lui-même
certificate-metadata = est un document de métadonnées ; chargez-le comme métadonnées du fournisseur, ce qui remplit toutes les valeurs
certificate-more = contient plus qu’un certificat
certificate-must-be = doit être un certificat, avec ou sans sa ligne -----BEGIN CERTIFICATE-----
certificate-none = doit être un certificat
certificate-not-yet = n’est pas valable avant le { $at }
certificate-one-that = un certificat qui { $fault }
certificate-other-block = doit être un certificat ; le texte après BEGIN est autre chose
certificate-other-key = a une clé d’un autre type que celles qui permettent de vérifier ici les connexions SAML ({ $key }) ; faites signer le fournisseur avec RSA d’au moins 2 048 bits, ou EC P-256, P-384 ou P-521, et saisissez ce certificat
certificate-pkcs12 = est un fichier PKCS#12 (.pfx, .p12), qui contient la clé privée du fournisseur ; exportez seulement le certificat, ou extrayez-le avec `openssl pkcs12 -in FILE -nokeys`
certificate-pkcs7 = est un fichier PKCS#7 (.p7b) sans certificat ; exportez le certificat au format PEM ou DER, ou convertissez-le avec `openssl pkcs7 -print_certs -in FILE`
certificate-private-key = est une clé privée, qui doit rester chez le fournisseur. Collez plutôt le certificat
certificate-public-key = n’est qu’une clé publique ; il faut le certificat qui la contient, tiré de la page SSO ou des métadonnées du fournisseur
certificate-request = est une demande de certificat (CSR) ; il faut le certificat lui-même, tiré de la page SSO ou des métadonnées du fournisseur
certificate-revocations = est une liste de certificats révoqués (CRL) ; collez le certificat de signature du fournisseur
certificate-rtf = est un document RTF, comme en enregistrent les traitements de texte ; collez le certificat en texte brut
certificate-ssh-key = est une clé SSH ; collez le certificat avec lequel le fournisseur signe
certificate-too-many = contient plus de { $most } certificats ; donnez seulement celui avec lequel le fournisseur signe
certificate-validity = n’a pas de période de validité lisible
certificate-weak-key = a une clé trop faible ({ $key }) ; faites signer le fournisseur avec RSA d’au moins 2 048 bits, ou EC P-256, P-384 ou P-521, et saisissez ce certificat
certificates-left-out = Sur plusieurs certificats, { $used } est utilisé ; laissés de côté : { $others }.
file-7zip = une archive 7-Zip
file-database = une base de données
file-excel = un classeur Excel (.xlsx)
file-gzip = une archive gzip
file-image = une image
file-webp = une image WebP
file-png = une image PNG
file-jpeg = une image JPEG
file-gif = une image GIF
file-jceks = un magasin de clés Java (.jceks), qui contient des clés privées
file-jks = un magasin de clés Java (.jks), qui contient des clés privées
file-office = un document Office (.doc) ou un message Outlook (.msg)
file-opendocument = un texte OpenDocument (.odt)
file-pdf = un document PDF
file-program = un programme
file-property-list = une archive web de Safari ou une autre liste de propriétés
file-rar = une archive RAR
file-word = un document Word (.docx)
file-zip = une archive ZIP
logo-data-url = Le logo doit être une URL data d’un PNG ou d’un SVG, par exemple data:image/png;base64,iVBORw0.... Envoyez le fichier sous cette forme.
logo-not-png = Le fichier est annoncé comme PNG et n’en est pas un. Exportez-le en PNG ou en SVG.
logo-other-kind = Le fichier est { $kind }. Un logo est un PNG ou un SVG : exportez-le dans l’un de ces formats.
logo-empty = Le fichier est vide. Choisissez un PNG ou un SVG de { $most } Kio au plus.
logo-media-type = L’URL data est de type { $type }. Un logo est un PNG ou un SVG : exportez-le dans l’un de ces formats.
logo-drawing-only = Exportez-le comme simple dessin.
logo-expand-symbols = Développez ses symboles, ou envoyez un PNG.
logo-not-base64 = L’URL data n’est pas du base64 : elle a été tronquée ou modifiée. Envoyez à nouveau le fichier entier.
logo-png-cut = Le PNG est tronqué. Exportez-le à nouveau.
logo-png-damaged = Le PNG est endommagé. Exportez-le à nouveau.
logo-png-large = Le PNG fait { $width } pixels sur { $height } ; la limite est de { $most } sur { $most }. Réduisez-le.
logo-simplify = Simplifiez-le, ou envoyez un PNG.
logo-svg-attribute = Le SVG n’est pas du XML bien formé : un attribut de <{ $element }> est mal formé. Exportez-le à nouveau, ou envoyez un PNG.
logo-svg-classes = Le SVG contient un élément avec plus de 100 classes. Simplifiez-le, ou envoyez un PNG.
logo-svg-clip = Le SVG contient un tracé d’écrêtage dans un autre. Simplifiez-le, ou envoyez un PNG.
logo-svg-deep = Le SVG contient des éléments trop imbriqués. Simplifiez-le, ou envoyez un PNG.
logo-svg-element = Le SVG contient <{ $name }>, interdit dans un logo. { $advice }
logo-svg-encoding = Le fichier n’est pas du texte UTF-8, comme doit l’être un SVG. Enregistrez-le en UTF-8, ou envoyez un PNG.
logo-svg-entities = Le SVG déclare des entités, interdites dans un logo. Exportez-le sans elles, ou envoyez un PNG.
logo-svg-entity = Le SVG contient une entité inconnue du XML. Exportez-le à nouveau, ou envoyez un PNG.
logo-svg-function = Le SVG contient { $function }() dans { $name }, interdit dans un logo. Simplifiez-le, ou envoyez un PNG.
logo-svg-large = Le SVG dépasse { $most } Kio une fois sa feuille de style développée. Simplifiez-le, ou envoyez un PNG.
logo-svg-large-style = Le SVG contient une grande feuille de style. Simplifiez-le, ou envoyez un PNG.
logo-svg-malformed = Le SVG n’est pas du XML bien formé (ligne { $line }). Exportez-le à nouveau, ou envoyez un PNG.
logo-svg-none = Le fichier ne contient pas de SVG complet : il est tronqué, ou n’est pas un SVG. Exportez-le à nouveau en SVG ou en PNG.
logo-svg-outside = Le SVG fait référence à un élément extérieur au fichier. Supprimez les liens et les fichiers incorporés, ou envoyez un PNG.
logo-svg-root = Le fichier n’est pas un SVG : il contient <{ $name }> au lieu d’un seul <svg> de l’espace de noms http://www.w3.org/2000/svg. Exportez-le en SVG ou en PNG.
logo-svg-script = Le SVG contient un script (l’attribut { $name }). Exportez-le sans scripts, ou envoyez un PNG.
logo-svg-size = Le SVG n’a pas de taille. Donnez un viewBox à son <svg>, ou envoyez un PNG.
logo-svg-style = Le SVG contient une feuille de style avec autre chose que de simples classes. Exportez-le avec des attributs de présentation, ou envoyez un PNG.
logo-svg-value = Le SVG contient une valeur inhabituelle de { $name }. Exportez-le à nouveau, ou envoyez un PNG.
logo-too-large = Le fichier fait { $kib } Kio ; la limite est de { $most } Kio. Réduisez-le.
icon-too-large = L’image fait { $kib } Kio ; la limite est de { $most } Kio. Réduisez-la ou simplifiez-la.
icon-not-webp = Le fichier n’est pas une image WebP complète. Exportez-la à nouveau.
icon-media-type = L’URL data est de type { $type }. Une icône est un PNG, un WebP ou un SVG : exportez-la dans l’un de ces formats.
metadata-address = est une adresse ; chargez-la comme URL des métadonnées, ou ouvrez-la et chargez le fichier qui s’y trouve
metadata-certificate = est un certificat ; saisissez-le comme certificat, avec les autres valeurs du fournisseur, ou chargez les métadonnées du fournisseur, qui le contiennent
metadata-certificates-left-out = Les métadonnées contiennent { $count } certificats de signature, et une configuration SSO en accepte { $most } : ceux qui expirent le plus tard sont utilisés. Laissés de côté : { $others }. Si le fournisseur signe avec l’un d’eux, saisissez les valeurs à la main.
metadata-discovery = est le document de découverte d’OpenID Connect ; les métadonnées SAML sont du XML : cherchez-les là où l’application est configurée en SAML 2.0
metadata-empty = est vide ; chargez les métadonnées du fournisseur, un fichier XML qui contient un EntityDescriptor
metadata-expired = était valable jusqu’au { $until } ; téléchargez à nouveau les métadonnées chez le fournisseur
metadata-file-archive = est { $kind } ; décompressez le fichier et chargez les métadonnées du fournisseur elles-mêmes, un fichier XML
metadata-file-kind = est { $kind } ; chargez les métadonnées du fournisseur elles-mêmes, un fichier XML
metadata-json = est du JSON ; les métadonnées SAML sont du XML. Cherchez chez le fournisseur le lien des métadonnées ou « Télécharger les métadonnées »
metadata-no-certificate = ne contient pas de certificat de signature ; activez la signature chez le fournisseur et chargez à nouveau ses métadonnées, ou saisissez plutôt l’URL de connexion, l’ID d’entité et le certificat
metadata-no-entity-id = ne contient pas d’entityID
metadata-no-provider = doit contenir un EntityDescriptor avec un IDPSSODescriptor : les métadonnées d’un fournisseur d’identité
metadata-no-redirect = ne contient pas de SingleSignOnService avec le binding HTTP-Redirect ; activez-le chez le fournisseur
metadata-no-usable-certificate = ne contient pas de certificat de signature utilisable
metadata-not-plain = doit être du XML simple, mais contient { $found }
metadata-of-application = est un document de métadonnées d’un fournisseur de services, publié par une application ; chargez celui du fournisseur d’identité
metadata-other-versions = ne contient pas d’IDPSSODescriptor pour SAML 2.0, seulement pour d’autres versions ; activez SAML 2.0 chez le fournisseur et exportez à nouveau les métadonnées
metadata-page = est une page web, par exemple une page de connexion ; utilisez le lien des métadonnées du fournisseur, qui s’ouvre en XML sans connexion, ou un fichier téléchargé depuis ce lien
metadata-part = n’est qu’une partie des métadonnées ; chargez le fichier entier, de <EntityDescriptor à </EntityDescriptor>
metadata-pkcs12 = est un fichier PKCS#12 (.pfx, .p12), qui contient une clé privée ; choisissez les métadonnées du fournisseur, un fichier XML
metadata-private-key = contient une clé privée, qui doit rester chez son propriétaire ; choisissez les métadonnées du fournisseur
metadata-rtf = est un document RTF, comme en enregistrent les traitements de texte ; chargez le fichier téléchargé chez le fournisseur
metadata-saml-message = est un message SAML, et non des métadonnées ; chargez les métadonnées du fournisseur
metadata-several-providers = contient plusieurs fournisseurs d’identité ({ $names }) ; exportez les métadonnées d’un seul
metadata-sign-in-message = est le message d’une connexion, et non des métadonnées ; vérifiez-le avec `vestibule saml explain`
metadata-signature = n’est qu’une partie des métadonnées ; chargez le fichier entier, de sa première à sa dernière ligne
metadata-text = n’est pas du XML ; chargez les métadonnées du fournisseur, un fichier XML qui contient un EntityDescriptor
metadata-view = est l’affichage de XML par un navigateur, copié comme texte ; enregistrez la page elle-même dans un fichier (Ctrl+S, sur un Mac Commande+S) et chargez-le, ou chargez son adresse comme URL des métadonnées
metadata-weak-key = a une clé faible

## Why metadata could not be loaded

fetch-broken = la connexion a été coupée : { $cause }
fetch-failed = la requête a échoué : { $cause }
fetch-late = pas de réponse en { $secs } secondes
fetch-no-text = le contenu reçu { $why }
fetch-not-public = { $host } a une adresse qui n’est pas publique ; seul l’opérateur peut l’autoriser, avec --metadata-private-hosts
fetch-nothing-there = rien ne répond à cette adresse
fetch-redirect = l’adresse redirige vers { $to }, et les redirections ne sont pas suivies ; utilisez l’adresse finale
fetch-redirect-nowhere = l’adresse redirige sans dire où
fetch-status = la réponse est { $status }
fetch-tls = échec de TLS : { $cause }
fetch-too-large = la réponse dépasse 1 Mio
fetch-unknown-host = le nom d’hôte est introuvable dans le DNS
fetch-unusable = le contenu qui s’y trouve { $why }
text-file-kind = est { $kind }, et non un fichier texte
text-none = n’est pas un fichier texte
text-other-encoding = n’est pas le texte { $encoding } attendu ; enregistrez-le en UTF-8
text-unknown-encoding = indique l’encodage { $name }, qui n’est pas pris en charge ; enregistrez-le en UTF-8
text-utf-32 = est du texte UTF-32, qui n’est pas pris en charge ; enregistrez-le en UTF-8

## Lists of people to invite

invitee-address = L’adresse { $fault }.
invitee-no-address = Cette ligne ne contient pas d’adresse e-mail.
invitee-no-address-beside = Aucune adresse e-mail ne l’accompagne. Écrivez chaque personne avec son adresse sur une ligne à part.
invitee-no-column = L’en-tête n’a pas de colonne pour cela. Ajoutez-en une, ou écrivez chaque personne sur une ligne à part.
invitee-no-role = « { $text } » n’est pas un rôle ici. Écrivez Admin, Utilisateur avancé ou le nom d’un rôle personnalisé.
invitee-repeated = Cette adresse figure deux fois dans la liste ; la première ligne compte.
invitee-role = Le rôle doit être admin, power_user ou un rôle personnalisé de l’organisation.
invitee-two-roles = Deux rôles sont indiqués ici. N’en gardez qu’un.

## Next steps

step-invite = Inviter des personnes
step-invite-text = Chaque personne reçoit un lien valable { $life }, et le rôle que vous choisissez.
step-mail = Configurer l’envoi d’e-mails
step-mail-stuck = Vérifier la file d’attente des e-mails
step-mail-stuck-text = { $what }.
step-mail-text = Démarrez Vestibule avec --smtp-url. D’ici là, vous transmettez les liens vous-même, et personne ne peut réinitialiser un mot de passe oublié.
step-organisation = Créer la première organisation
step-organisation-text = Son premier administrateur reçoit une invitation.
step-public-url = Vérifier l’adresse publique
step-public-url-text = Vestibule est accessible à l’adresse { $url } : vérifiez que les requêtes arrivent bien ainsi.
step-recovery-codes = Garder des codes de récupération
step-recovery-codes-text = Codes restants : { $count }. Sans code de récupération, seul un opérateur peut vous rendre l’accès si votre fournisseur d’identité est en panne.
step-saml-only = Exiger le SSO pour tout le monde
step-saml-only-text = Les membres ne peuvent plus utiliser de mot de passe.
step-second-operator = Ajouter un second opérateur
step-second-operator-text = Une autre personne peut ainsi aider quand vous n’êtes pas disponible.
step-sso-members = Faire connecter les membres via le SSO
step-sso-members-text =
    { $count ->
        [one] { $count } personne sur { $all } s’est déjà connectée par ce moyen. Envoyez aux autres l’URL du portail.
       *[other] { $count } personnes sur { $all } se sont déjà connectées par ce moyen. Envoyez aux autres l’URL du portail.
    }
step-sso-set-up = Connecter votre fournisseur d’identité
step-sso-set-up-text = Google Workspace, Okta, Entra ID ou tout autre fournisseur compatible avec SAML : la page contient un guide pour chacun.
step-sso-test = Tester l’authentification unique
step-sso-test-text = Connectez-vous une fois vous-même par ce moyen. Vos membres peuvent ensuite l’utiliser.

## Défauts du journal d’audit

audit-chain-appliance = l’installation
audit-chain-changed = Le journal d’audit de { $log } a été modifié à l’entrée { $number }, du { $at } selon son état actuel.
audit-chain-head = Le journal d’audit de { $log } ne se termine pas par la dernière entrée écrite ; il se termine par l’entrée { $number }.
audit-chain-missing = Les entrées { $from } à { $to } du journal d’audit de { $log } manquent.
audit-chain-one-missing = L’entrée { $number } du journal d’audit de { $log } manque.
audit-chain-order = L’entrée { $number } du journal d’audit de { $log } est à la place de l’entrée { $expected }.

## Sauvegardes

backup-connection = un certificat ou une clé de la connexion de { $organisation } est illisible
backup-damaged = la copie est endommagée : { $fault }
backup-database-damaged = { $database } est endommagé et ne peut pas être copié ({ $cause }). « vestibule doctor » nomme les dommages ; restaurez la dernière sauvegarde avec « vestibule restore FICHIER ».
backup-disk-full = Impossible d’écrire { $target } : le disque est plein. Libérez de l’espace ou écrivez la sauvegarde sur un autre disque.
backup-exists = { $path } existe déjà. Choisissez un autre nom ou ajoutez --replace.
backup-faulty = La sauvegarde n’a pas été conservée, car un serveur ne pourrait pas fonctionner avec elle : { $faults }. « vestibule doctor » vérifie la base de données elle-même.
backup-in-data-folder = { $path } se trouve dans le dossier de données et serait perdu avec lui. Choisissez un dossier sur un autre disque.
backup-no-admin = Aucun administrateur de { $organisation } ne peut se connecter : aucun n’a de mot de passe qui l’ouvre, et l’authentification unique n’est pas prête.
backup-no-operator = Aucun opérateur n’a de mot de passe.
backup-not-copied = { $database } n’a pas pu être copié vers { $target } : { $cause }
backup-not-read = elle est illisible : { $cause }
backup-password = le mot de passe de { $email } est illisible
backup-path = Le chemin { $path } n’est pas en UTF-8 valide. Choisissez-en un autre.
backup-schema = le schéma diffère : { $part }
backup-signing-key = la clé de signature { $id } ne signe pas
backup-unwritable = Impossible d’écrire { $path } : { $cause }. Vérifiez que le dossier existe, qui peut y écrire et l’espace libre.
upgrade-no-room = La répétition a besoin d’un dossier temporaire, qui n’a pas pu être créé : { $cause }. Indiquez-en un autre avec la variable TMPDIR.
restore-cut-off = Ce fichier a été copié depuis un serveur en marche sans son vestibule.db-wal : ses données les plus récentes manquent. Restaurez un fichier créé par « vestibule backup ». La base de données est inchangée.
restore-empty = La sauvegarde est vide (0 octet). La base de données est inchangée.
restore-failed = La sauvegarde n’a pas pu être restaurée : { $cause }. La base de données est inchangée.
restore-faulty = La sauvegarde n’a pas été restaurée, car un serveur ne pourrait pas fonctionner avec elle : { $faults }. La base de données est inchangée ; essayez une sauvegarde plus ancienne.

## Findings of the doctor, and what to do

doctor-certificate-days =
    { $days ->
        [one] { $organisation } : { $days } jour restant
       *[other] { $organisation } : { $days } jours restants
    }
doctor-certificate-expired = { $organisation } : expiré le { $at }. Collez le nouveau certificat du fournisseur.
doctor-certificate-few-days =
    { $days ->
        [one] { $organisation } : { $days } jour restant. Ajoutez à côté le prochain certificat du fournisseur.
       *[other] { $organisation } : { $days } jours restants. Ajoutez à côté le prochain certificat du fournisseur.
    }
doctor-backup = la dernière a été faite et vérifiée à { $at }, { $kib } Kio
doctor-backup-first = le serveur fera bientôt la première
doctor-backup-late = aucune n’a été faite depuis deux périodes ; la dernière : { $at }. La tâche « sauvegardes » ci-dessous indique la cause.
doctor-backup-none = aucune n’a encore été faite. Faites-en une chaque jour sur un autre disque : « vestibule backup FICHIER ».
doctor-backup-old = la dernière a été faite à { $at }, il y a plus d’une semaine. Faites-en une chaque jour : « vestibule backup FICHIER ».
doctor-clock-alone = { $now } ; aucun service de temps n’a été trouvé. SAML échoue dès que l’écart atteint quelques minutes : installez chrony ou activez systemd-timesyncd.
doctor-clock-back = il est { $now }, mais l’entrée la plus récente du journal d’audit date de { $newest }. Réglez l’horloge.
doctor-clock-fine = { $now }, synchronisée par un service de temps
doctor-complete = vestibule.db et vestibule.db-wal sont complets
doctor-damaged = { $faults }. Restaurez une sauvegarde.
doctor-files = le serveur peut ouvrir jusqu’à { $limit } fichiers à la fois
doctor-files-low = le serveur ne peut ouvrir que { $limit } fichiers, et chaque connexion en prend un : { $clients } clients les épuisent. Réglez LimitNOFILE={ $wanted } dans son unité systemd, ou `ulimit -n { $wanted }` avant son démarrage.
doctor-files-unknown = le serveur n’a pas encore fonctionné
doctor-intact = la base de données est intacte
doctor-job-failed = { $name } : échec le { $ran } : { $why }. Prochaine tentative le { $next } au plus tard.
doctor-job-failed-before = { $name } : dernière exécution le { $ran }, prochaine le { $next } au plus tard ; dernier échec le { $at } : { $why }
doctor-job-fine = { $name } : dernière exécution le { $ran }, prochaine le { $next } au plus tard
job-internal = une erreur interne ; le journal du serveur en donne la cause
doctor-job-not-run = { $name } : aucune exécution depuis le démarrage du serveur
doctor-job-overdue = { $name } : dernière exécution le { $ran }, en retard depuis le { $next }. Redémarrez le serveur.
doctor-libraries-linked = liées au programme : { $versions }. Recompilez-le après chaque avis de sécurité les concernant.
doctor-libraries-of-machine = les bibliothèques de cette machine : leurs mises à jour prennent effet au prochain démarrage
doctor-log = vestibule.db-wal fait { $kib } Kio
doctor-log-large = vestibule.db-wal fait { $kib } Kio. Rien ne le vide : cherchez un programme qui garde la base de données ouverte, ou un disque plein.
doctor-mail-answers = { $server } répond
doctor-mail-doubt = { $server } répond, mais { $doubt }
doctor-mail-failed = { $server } : { $reason }
doctor-mail-fine = aucun e-mail n’attend depuis longtemps
doctor-mail-stuck = { $what }. Voir sous « Opérateur > E-mails » ce qu’a répondu le serveur de messagerie.
doctor-mail-unknown = le serveur envoie les e-mails avec des réglages que cette commande ne connaît pas ; « Opérateur > Diagnostic » les essaie
doctor-metadata = { $organisation } : { $url } n’a pas pu être chargé : { $why }. La dernière copie correcte est utilisée.
doctor-misdirected = { $organisation } : son fournisseur envoie ses réponses à { $received }, mais notre URL de rappel est { $expected }.
doctor-misdirected-fix = Réglez notre URL de rappel chez le fournisseur ; sa dernière connexion refusée, dans la trace, indique où.
doctor-misdirected-origin = Si Vestibule est accessible à l’adresse { $origin }, démarrez-le avec --public-url { $origin } ; sinon, réglez notre URL de rappel chez le fournisseur.
doctor-no-jobs = aucun serveur ne fonctionne avec ces données : aucune tâche de fond ne s’exécute
doctor-no-mail = pas de --smtp-url : les liens d’invitation et de réinitialisation doivent être transmis à la main
doctor-no-request = aucune requête n’est encore arrivée
doctor-not-checked = { $path } ne peut pas être vérifié : { $cause }
doctor-other-version = version { $file }, mais ce programme exige la version { $program }
doctor-private = { $path } est privé
doctor-readable = { $path } peut être lu par tous les utilisateurs de cette machine. Exécutez : chmod o-rwx { $path }
doctor-requests-fine =
    { $all ->
        [one] la requête de la dernière heure ({ $all }) était adressée à { $url }
       *[other] les { $all } requêtes de la dernière heure étaient adressées à { $url }
    }
doctor-requests-wrong =
    { $count ->
        [one] { $count } requête sur { $all } de la dernière heure : { $found }
       *[other] { $count } requêtes sur { $all } de la dernière heure : { $found }
    }
doctor-skew =
    { $count ->
        [one] { $organisation } : { $skew }, selon sa dernière réponse ({ $count })
       *[other] { $organisation } : { $skew }, selon { $count } de ses dernières réponses
    }
doctor-skew-drifting = { $found }. Réglez les deux horloges par NTP.
doctor-skew-failing = { $found } : les connexions échouent. Réglez les deux horloges par NTP.
doctor-trouble = { $trouble }.
doctor-tls =
    { $path } est valable jusqu’à { $at }, encore { $days ->
        [one] { $days } jour
       *[other] { $days } jours
    }
doctor-url-clear = { $url } : les mots de passe circulent en clair. Placez devant un proxy avec https.
doctor-url-local = { $url } : pour cette machine uniquement
doctor-version = version { $file }
doctor-xmlsec-newer = plus récente que 1.3.99
job-backup = sauvegardes
job-certificates = avertissement avant l’expiration des certificats
job-mail = envoi des e-mails
job-metadata = chargement des métadonnées
job-purge = suppression de ce qui a expiré
job-security-log = décompte de ce que le journal de sécurité a omis
job-session-uses = notation de la dernière utilisation des sessions
job-signing-keys = renouvellement des clés de signature
job-logout-notices = annonce aux applications de la fin des sessions
job-transaction-log = vidage du journal des transactions
stuck-given-up =
    { $count ->
        [one] { $count } e-mail n’a pas pu être envoyé
       *[other] { $count } e-mails n’ont pas pu être envoyés
    }
stuck-overdue =
    { $count ->
        [one] { $count } e-mail attend depuis plus de 15 minutes
       *[other] { $count } e-mails attendent depuis plus de 15 minutes
    }
stuck-both = { $given_up }, et { $overdue }
proxy-by-itself = le fait par défaut : retirez la ligne qui l’interdit
proxy-caddy-host = sans header_up Host au-dessous
proxy-caddy-https = sans http:// devant le nom
proxy-fix-address = Configurez le proxy pour qu’il transmette l’adresse du client : les essais de mots de passe sont limités par adresse, et tout le monde a actuellement celle du proxy.
proxy-fix-host = Configurez le proxy pour qu’il transmette l’en-tête Host tel que les navigateurs l’envoient.
proxy-fix-https = Redirigez le port 80 vers https dans le proxy.
proxy-fix-public-url = Démarrez Vestibule avec --public-url https://{ $host }, et donnez aux fournisseurs d’identité la nouvelle URL de rappel et le nouvel ID d’entité.
proxy-fix-untrusted = Si { $peer } est votre proxy, démarrez Vestibule avec --trusted-proxies { $peer } (VESTIBULE_TRUSTED_PROXIES dans /etc/vestibule.env).
proxy-host = { $peer } demande l’hôte { $host }, et l’URL publique est { $url }
proxy-no-address = le proxy { $peer } ne transmet pas l’adresse du client (X-Forwarded-For ou Forwarded)
proxy-scheme = les personnes accèdent au proxy { $peer } en { $scheme }, et l’URL publique est { $url }
proxy-untrusted = { $peer } envoie des en-têtes de transfert, mais ne figure pas dans --trusted-proxies
proxy-untrusted-check = { $peer } interroge au sujet de requêtes vers des applications mais n’est pas un proxy de confiance ; il n’obtient donc pas de réponse.
skew-ahead = l’horloge du fournisseur avance de { $secs } s sur la nôtre
skew-behind = l’horloge du fournisseur retarde de { $secs } s sur la nôtre
skew-none = l’horloge du fournisseur concorde avec la nôtre

## Console: labels used in several places

actions = Actions
all-workspaces = Tous les espaces de travail
any = Indifférent
api-key = Clé d’API
api-keys = Clés d’API
application = Application
applications = Applications
ask-to-switch-plan = Demandez à votre opérateur de changer d’offre.
audit-log = Journal d’audit
back = Retour
branding = Identité visuelle
by = Par
callback-url = URL de rappel
cancel = Annuler
certificates = Certificats
close = Fermer
confirm = Confirmer
continue = Continuer
count-organisations =
    { $count ->
        [one] { $count } organisation
       *[other] { $count } organisations
    }
created = Création
current-password = Mot de passe actuel
days =
    { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
delete = Supprimer
disabled-badge = Désactivé
dismiss = Masquer
doctor = Diagnostic
done = terminé
email = Adresse e-mail
entity-id = ID d’entité
expired = A expiré
from-address-only = depuis { $address }
help = Aide (en anglais)
keys-expires = Expiration
keys-key = Clé
keys-last-used = Dernière utilisation
keys-none = Aucune clé pour l’instant. Créez la première ci-dessous.
last-sign-in = Dernière connexion
line = Ligne
links-copy-all = tous les liens
look-again = Actualiser
mail = E-mails
members = Membres
menu = Menu
method-password = mot de passe
method-recovery = récupération
method-saml = SSO
name = Nom
never = jamais
next-steps-for = Prochaines étapes pour { $name }
no-limit-hint = Laissez vide s’il n’y a pas de limite.
no-one-matches = Aucune personne ne correspond. Essayez une partie plus courte du nom, ou effacez les filtres.
none = aucun
note-badge = Remarque
of-all = { $count } sur { $all }
operator = Opérateur
operators = Opérateurs
optional = Facultatif
organisation = Organisation
organisation-admin = Administrateur de l’organisation
organisation-admin-badge = Admin de l’organisation
organisation-admins-may = Les administrateurs de l’organisation créent des espaces de travail et gèrent les personnes, l’authentification unique et la sécurité.
organisations = Organisations
our-metadata = nos métadonnées
password = Mot de passe
people = Personnes
person = Personne
plan = Offre
plans = Offres
portal-key = Clé du portail SSO
portal-url = URL du portail
remove = Retirer
remove-named = Retirer { $name }
role = Rôle
role-admin = Admin
role-power-user = Utilisateur avancé
save = Enregistrer
saved = Enregistré.
settings = Paramètres
setup-link = Lien de configuration
show-more = Afficher plus
sign-on-url = URL de connexion
sign-out = Se déconnecter
signed-in-by = par { $method }
single-sign-on = Authentification unique
sso-draft = Brouillon
sso-not-set-up = Non configuré
sso-ready = Prêt
sso-sign-ins = Connexions SSO
state = État
switch-plan = Changer d’offre
test-sign-in = Connexion de test
the-api = l’API
try-again = Réessayer
what = Quoi
when = Quand
where = Où
who = Qui
workspace = Espace de travail
workspaces = Espaces de travail
your-account = Votre compte
your-name = Votre nom

## Console: the frame, forms and dialogs

dialog-type-name = Saisissez le nom pour confirmer : { $name }
form-choose-one = Choisissez une option.
form-enter-address = Saisissez une adresse complète, par exemple https://example.com.
form-enter-email = Saisissez une adresse e-mail, par exemple ann@acme.test.
form-fault = « { $field } » { $fault }
form-fault-of = { $subject } { $fault }
form-fill-in = Remplissez ce champ.
form-password-hint = Au moins 12 caractères. Quelques mots peu courants font l’affaire.
shell-loading = Chargement…
shell-skip = Aller au contenu
shell-times-own = Les heures sont dans votre fuseau horaire, { $zone }.
shell-times-utc = Les heures sont en UTC.
shell-working = En cours…
sidebar-main = Navigation principale
sidebar-organisation = Organisation : { $name }

## Console: effects of a change on people

effect-affected = { $email } { $reason }.
effect-applications = Applications perdues : { $names }.
effect-application-sessions =
    { $count ->
        [one] { $count } session dans une application prendra fin.
       *[other] { $count } sessions dans des applications prendront fin.
    }
effect-refresh-tokens =
    { $count ->
        [one] { $count } jeton d’actualisation d’une application prendra fin.
       *[other] { $count } jetons d’actualisation d’applications prendront fin.
    }
effect-keep =
    { $count ->
        [0] Personne ne conserve l’accès
        [one] { $count } personne conserve l’accès
       *[other] { $count } personnes conservent l’accès
    }
effect-keep-title = Conservent l’accès
effect-keeps = { $email } conserve l’accès
effect-lose =
    { $count ->
        [0] Personne ne perd l’accès
        [one] { $count } personne perd l’accès
       *[other] { $count } personnes perdent l’accès
    }
effect-lose-title = Perdent l’accès
effect-loses = { $email } perd l’accès
effect-more = et { $count } de plus
effect-nobody = Aucun accès ne change.
effect-one-signed-out =
    { $count ->
        [one] { $email } sera déconnecté de cette organisation ({ $count } session).
       *[other] { $email } sera déconnecté de cette organisation ({ $count } sessions).
    }
effect-one-signed-out-everywhere =
    { $count ->
        [one] { $email } sera déconnecté de toutes les organisations ({ $count } session).
       *[other] { $email } sera déconnecté de toutes les organisations ({ $count } sessions).
    }
effect-signed-out =
    { $sessions ->
        [0] { $grants ->
            [one] { $grants } accès à cette organisation prendra fin. Sa session reste ouverte grâce à une autre connexion.
           *[other] { $grants } accès à cette organisation prendront fin. Leurs sessions restent ouvertes grâce à d’autres connexions.
        }
        [one] { $grants ->
            [0] { $sessions } session sera fermée.
            [one] { $sessions } session sera fermée, et { $grants } accès à cette organisation prendra fin.
           *[other] { $sessions } session sera fermée, et { $grants } accès à cette organisation prendront fin.
        }
       *[other] { $grants ->
            [0] { $sessions } sessions seront fermées.
            [one] { $sessions } sessions seront fermées, et { $grants } accès à cette organisation prendra fin.
           *[other] { $sessions } sessions seront fermées, et { $grants } accès à cette organisation prendront fin.
        }
    }
effect-signed-out-everywhere =
    { $sessions ->
        [0] { $grants ->
            [one] { $grants } accès prendra fin. Sa session reste ouverte grâce à une autre connexion.
           *[other] { $grants } accès prendront fin. Leurs sessions restent ouvertes grâce à d’autres connexions.
        }
        [one] { $grants ->
            [0] { $sessions } session sera fermée.
            [one] { $sessions } session sera fermée, et { $grants } accès prendra fin.
           *[other] { $sessions } session sera fermée, et { $grants } accès prendront fin.
        }
       *[other] { $grants ->
            [0] { $sessions } sessions seront fermées.
            [one] { $sessions } sessions seront fermées, et { $grants } accès prendra fin.
           *[other] { $sessions } sessions seront fermées, et { $grants } accès prendront fin.
        }
    }

## Console: events of an account

browser-on-system = { $browser } sur { $system }
browser-unknown = Programme inconnu
event-admin-added = Administrateur de l’organisation ajouté
event-admin-removed = Administrateur de l’organisation retiré
event-by-command-line = ligne de commande
event-by-you = vous
event-certificate-added = Certificat ajouté
event-connection-changed = Authentification unique modifiée
event-from-both = { $browser } depuis { $address }
event-key-made = Clé d’API créée
event-new-browser = Connexion depuis un nouveau navigateur
event-off = Désactivé
event-on = Activé
event-operator-added = Opérateur ajouté
event-operator-wanted = Opérateur invité
event-own-keys = Nos propres clés modifiées
event-password-changed = Mot de passe modifié
event-recovery-code = un code de récupération
event-recovery-how = { $person }, avec { $how }
event-recovery-link = un lien de récupération
event-recovery-used = Récupération utilisée
event-saml-only-changed = Mode SAML exclusif modifié
event-settings = Paramètres modifiés
event-settings-removed = Paramètres supprimés
events-lead = Les changements de votre compte et des organisations que vous gérez. Si l’un d’eux ne vient ni de vous ni d’un collègue, prévenez votre administrateur.
events-lead-password = Les changements de votre compte et des organisations que vous gérez. Si l’un d’eux ne vient ni de vous ni d’un collègue, changez votre mot de passe et prévenez votre administrateur.
events-none = Aucun événement pour l’instant.
events-title = Événements de sécurité

## Console: activity

activity-bar =
    { $count ->
        [one] { $when } : { $count } entrée
       *[other] { $when } : { $count } entrées
    }
activity-days =
    { $count ->
        [one] { $range } : { $count } entrée, avec un maximum le { $peak } ({ $most }).
       *[other] { $range } : { $count } entrées, avec un maximum le { $peak } ({ $most }).
    }
activity-hour = { $day }, { $clock }
activity-hours =
    { $count ->
        [one] { $range } : { $count } entrée, avec un maximum le { $peak } ({ $most }).
       *[other] { $range } : { $count } entrées, avec un maximum le { $peak } ({ $most }).
    }
activity-none = { $range } : 0 entrée.
activity-on = Le { $day }
activity-per-day = Entrées par jour ; chaque barre ouvre la journée
activity-per-hour = Entrées par heure
activity-range = Du { $from } au { $to }

## Console: appearance

appearance-colours = Couleurs
appearance-hint = S’applique uniquement à ce navigateur.
appearance-keep = Garder les messages jusqu’à ce que je les masque
appearance-keep-hint = Sinon, les messages de réussite disparaissent après quelques secondes ; les erreurs restent toujours affichées.
appearance-title = Apparence
theme-dark = Sombre
theme-light = Clair
theme-system = Comme le système

## Console: applications

application-access = Qui peut l’ouvrir
application-access-does-not-open = { $email } ne peut pas ouvrir cette application : { $level }.
application-access-hint = Saisissez une partie du nom ou de l’adresse, puis choisissez la personne.
application-access-look = Vérifier
application-access-opens = { $email } peut ouvrir cette application, avec le niveau { $level }.
application-access-person = Adresse e-mail de la personne
application-access-unknown = Aucune personne n’a cette adresse. Choisissez une personne parmi les suggestions.
application-add = Ajouter une application
application-added = { $name } est ajoutée. Les personnes qui y ont accès la voient sur leur page d’accueil.
application-added-oidc = { $name } est ajoutée. Saisissez les valeurs de cette page dans l’application.
application-added-proxy = { $name } est ajoutée. Configurez maintenant votre proxy inverse ; cette page indique quand sa première requête arrive.
application-address = Adresse
application-address-hint = La page que sa vignette ouvre, par exemple https://wiki.example.com/.
application-allowed = Autorisée
application-decision = Décision
application-description = Description (facultative)
application-description-hint = Une phrase pour la vignette, 300 caractères au plus.
application-hosts = Hôtes
application-hosts-hint = Un par ligne, par exemple wiki.example.com. Chacun doit être attribué à votre organisation par un opérateur.
application-hosts-hint-granted = Un par ligne. Attribués à cette organisation : { $hosts }.
application-hosts-hint-none = Aucun hôte n’est encore attribué à cette organisation. Demandez à un opérateur d’attribuer les hôtes de ses applications.
application-hosts-hint-operator = Aucun hôte n’est encore attribué à cette organisation. Attribuez d’abord ses hôtes, dans les paramètres de l’organisation.
application-icon = Icône (facultative)
application-icon-hint = PNG, WebP ou SVG, 32 Kio au plus. Déposez-la ici, ou choisissez-la.
application-icon-kind = { $file } n’est ni un PNG, ni un WebP, ni un SVG. Exportez-le dans l’un de ces formats.
application-icon-large = { $file } fait { $kib } Kio ; la limite est de 32 Kio. Réduisez-le.
application-icon-remove = Supprimer l’icône
application-kind = Type
application-kind-link = Lien
application-kind-link-hint = Une vignette qui ouvre une adresse. L’application a sa propre connexion.
application-kind-oidc = OpenID Connect
application-kind-oidc-hint = L’application envoie les personnes se connecter dans Vestibule, par OpenID Connect.
application-kind-proxy = Derrière un proxy inverse
application-kind-proxy-hint = Votre proxy inverse interroge Vestibule à chaque requête : seules les personnes qui y ont accès l’atteignent.
application-log = Dernières requêtes
application-nobody = non connectée
application-not-seen = Aucune requête n’est arrivée depuis le démarrage du serveur.
application-proxies = Configurations de nginx, Caddy, Traefik, HAProxy et Envoy (en anglais, dans un nouvel onglet)
application-refused = Refusée
application-request = Requête
application-rule = Règle { $number }
application-rule-add = Ajouter une règle
application-rule-methods = Méthodes (toutes si vide)
application-rule-path = Chemin
application-rule-remove = Supprimer la règle { $number }
application-rule-require = Qui peut l’ouvrir
application-rule-up = Monter
application-rule-up-named = Monter la règle { $number }
application-rules = Règles pour les chemins
application-rules-hint = La première règle qui correspond décide. Un chemin qui se termine par / ou * désigne tous les chemins qui commencent ainsi. Un chemin sans règle est ouvert à partir du niveau Lecteur.
application-seen = Des requêtes arrivent du proxy inverse.
application-sent-to-sign-in = Envoyée à la connexion
application-waiting = En attente de la première requête du proxy inverse…
application-watch = Surveiller les requêtes pendant 10 minutes
client-advanced = Déconnexion, signatures et authentification du client
client-auth = Authentification du client
client-auth-basic = En-tête (client_secret_basic)
client-auth-post = Corps (client_secret_post)
client-authorize = Point d’accès d’autorisation
client-backchannel = URI de déconnexion back-channel (facultatif)
client-backchannel-hint = Vestibule y envoie un jeton de déconnexion quand une session se termine.
client-confidential = Confidentiel
client-confidential-hint = Un programme sur un serveur, qui peut garder un secret.
client-connect = Connecter l’application
client-connect-lead = À la plupart des applications, il suffit de l’émetteur, de l’identifiant client et du secret.
client-discovery = Document de découverte
client-endpoints = Toutes les adresses
client-help = Clients OpenID Connect
client-id = Identifiant client
client-issuer = Émetteur
client-logout = Point d’accès de déconnexion
client-pkce-optional = Accepter les connexions sans PKCE
client-pkce-optional-hint = Une faiblesse. À réserver à une application qui ne sait pas envoyer de code challenge.
client-post-logout = URI de redirection après déconnexion (facultatif)
client-post-logout-hint = Une par ligne. Les adresses auxquelles les personnes peuvent revenir après la déconnexion.
client-public = Public
client-public-hint = Une application installée, ou une page dans le navigateur, sans secret. PKCE la protège.
client-redirect-uris = URI de redirection
client-redirect-uris-hint = Une par ligne, exactement comme l’application les envoie : en https, ou en http seulement pour localhost et les autres adresses de bouclage. Pas de caractères génériques.
client-secret = Secret client
client-secret-create = Créer un second secret
client-secret-delete = Supprimer le secret
client-secret-delete-lead = Le secret du { $at } cesse aussitôt de fonctionner. L’application doit déjà utiliser l’autre.
client-secret-delete-of = Supprimer le secret du { $at }
client-secret-delete-title = Supprimer ce secret ?
client-secret-deleted = Le secret est supprimé.
client-secret-lead = Copiez le secret maintenant : il ne sera plus affiché.
client-secret-made = Le secret est créé. Il se trouve sous « Connecter l’application ».
client-secret-of = Créé le { $at }
client-secret-only = le seul
client-secrets = Secrets
client-secrets-lead = Pour remplacer un secret sans interruption, créez-en un second, donnez-le à l’application, puis supprimez le premier.
client-seen = Les requêtes de l’application arrivent.
client-signing = Signature des jetons d’identité
client-snippet = Programme ou réglages
client-snippets = Programmes et réglages
client-snippets-lead = Avec vos adresses et l’identifiant client ; de plusieurs URI de redirection, la première. La documentation décrit chacun : { $help }.
client-token = Point d’accès des jetons
client-type = Type de client
client-userinfo = Point d’accès userinfo
client-waiting = En attente de la première requête de l’application…
client-weak-pkce = Cette application peut connecter des personnes sans PKCE. Exigez-le de nouveau dès que l’application le permet.
host-grants = Hôtes des applications
host-grants-ask = Demandez à un opérateur d’attribuer d’autres hôtes.
host-grants-field = Hôtes attribués
host-grants-hint = Un par ligne, par exemple wiki.example.com. *.apps.example.com attribue tous les noms qui ont un élément de plus. Les applications derrière un hôte retiré ne sont plus accessibles.
host-grants-lead = Les applications derrière un proxy inverse ne peuvent utiliser que ces hôtes.
host-grants-none = Aucun hôte n’est encore attribué. Demandez à un opérateur d’attribuer des hôtes, par exemple wiki.example.com.
host-grants-save = Enregistrer les hôtes
host-grants-change = Modifier les hôtes
host-grants-title = Modifier les hôtes de { $organisation } ?
host-grants-saved = Les hôtes sont enregistrés.
level-admin = Admin
level-editor = Éditeur
level-no-access = Pas d’accès
level-operator = Opérateur
level-viewer = Lecteur
require-level = { $level } et au-dessus
require-public = Tout le monde, sans connexion
require-signed-in = Toute l’organisation
tiles-none = Vous ne pouvez encore ouvrir aucune application. Les administrateurs d’un espace de travail peuvent en ajouter.

## Console: sign-ins through SSO

attempt-nobody = non identifié
attempt-outcome = Résultat
attempt-reference = Référence
attempt-refused = Refusée
attempt-signed-in = Réussie
attempt-verified = Vérifiée, non terminée

## Console: the audit log

audit-a-workspace = un espace de travail
audit-all-kinds = Tous les types
audit-an-organisation = une organisation
audit-anonymous = Une personne non connectée
audit-command-line = La ligne de commande
audit-deleted-organisation = une organisation supprimée
audit-deleted-workspace = un espace de travail supprimé
audit-detail = { $name } : { $value }
audit-details = Détails
audit-details-of = Détails : { $sentence }
audit-kind-invitation = Invitation
audit-kind-name =
    { $kind ->
        [application] Application
        [branding] Identité visuelle
        [connection] Configuration SSO
        [invitation] Invitation
        [key] Clé d’API
        [mail] E-mails
        [member] Membre
        [organisation] Organisation
        [person] Personne
        [plan] Offre
        [role] Rôle
        [security] Sécurité
        [session] Session
        [setup_link] Lien de configuration
        [signing_key] Clé de signature
        [workspace] Espace de travail
       *[other] { $kind }
    }
audit-operator-named = Opérateur { $email }
audit-origin = { $as } depuis { $address }
audit-reason-disabled = le compte est désactivé
audit-reason-no-organisation = la personne n’appartient à aucune organisation
audit-reason-no-password = le compte n’a pas de mot de passe
audit-reason-sso-required = le SSO est obligatoire
audit-reason-wrong-password = mot de passe incorrect
audit-reason-wrong-recovery-code = code de récupération incorrect
audit-something = un élément
audit-system = Vestibule
audit-unknown = { $actor } { $action } : { $name }.
audit-what-happened = Ce qui s’est passé
audit-without-account = Sans compte

## Console: sentences of the audit log

audit-account-changed = { $actor } a modifié son propre compte.
audit-account-password-changed = { $actor } a changé son mot de passe.
audit-account-password-ended = { $actor } a invalidé le mot de passe de { $name }, parce qu’une autre personne a reçu le lien qui l’a défini.
audit-account-password-reset = { $actor } a défini un nouveau mot de passe avec un lien.
audit-account-reset-link = { $actor } a créé un lien de mot de passe pour { $name }.
audit-account-reset-requested = { $actor } a demandé un lien de mot de passe pour { $name }.
audit-application-changed = { $actor } a modifié l’application { $name }.
audit-application-created = { $actor } a créé l’application { $name }.
audit-application-deleted = { $actor } a supprimé l’application { $name }.
audit-application-opened = { $actor } a ouvert l’application { $name }.
audit-application-secret-created = { $actor } a créé un secret client de l’application { $name }.
audit-application-secret-deleted = { $actor } a supprimé un secret client de l’application { $name }.
audit-admin-added = { $actor } a nommé { $name } administrateur de l’organisation.
audit-admin-removed = { $actor } a retiré à { $name } le statut d’administrateur de l’organisation.
audit-appliance-set-up = { $actor } a configuré Vestibule, avec l’organisation { $name }.
audit-branding-changed = { $actor } a modifié le nom et le logo des pages de { $name }.
audit-branding-removed = { $actor } a supprimé le nom et le logo des pages de { $name }.
audit-connection-certificate-adopted = { $actor } a adopté un certificat pour { $name }.
audit-connection-certificate-expiring = { $actor } a averti les administrateurs de { $name } de l’expiration prochaine d’un certificat.
audit-connection-certificate-found = { $actor } a trouvé un nouveau certificat dans les métadonnées de { $name }.
audit-connection-certificate-rejected = { $actor } a rejeté un certificat pour { $name }.
audit-connection-certificate-waiting = { $actor } a ajouté pour { $name } un certificat qui attend d’être adopté.
audit-signing-key-rotated = { $actor } a renouvelé la clé de signature pour { $name }.
audit-connection-keys-retired = { $actor } a retiré nos clés SAML pour { $name }.
audit-connection-keys-rotated = { $actor } a créé de nouvelles clés SAML pour { $name }.
audit-connection-metadata-changed = { $actor } a trouvé une valeur modifiée dans les métadonnées de { $name }.
audit-connection-metadata-failed = { $actor } n’a pas pu charger les métadonnées de { $name }.
audit-connection-reminded = { $actor } a rappelé à des personnes de { $name } ({ $people }) de se connecter via le SSO.
audit-connection-removed = { $actor } a supprimé la configuration SSO { $name }.
audit-connection-saml-only-off = { $actor } a désactivé le mode SAML exclusif pour { $name }.
audit-connection-saml-only-on = { $actor } a activé le mode SAML exclusif pour { $name }.
audit-connection-saved = { $actor } a enregistré les paramètres SSO { $name }.
audit-connection-tested = { $actor } a testé l’authentification unique de { $name }.
audit-invitation-accepted = { $actor } a accepté l’invitation à rejoindre { $workspace } avec le rôle { $role }.
audit-invitation-created = { $actor } a invité { $name } à rejoindre { $workspace } avec le rôle { $role }.
audit-invitation-resent = { $actor } a renvoyé à { $name } l’invitation à rejoindre { $workspace }.
audit-invitation-withdrawn = { $actor } a annulé l’invitation de { $name } à rejoindre { $workspace }.
audit-key-created = { $actor } a créé la clé d’API { $name }.
audit-key-deleted = { $actor } a supprimé la clé d’API { $name }.
audit-mail-discarded = { $actor } a abandonné un e-mail destiné à { $name }.
audit-mail-failed = { $actor } a renoncé à envoyer un e-mail à { $name }.
audit-mail-retried = { $actor } a relancé l’envoi d’un e-mail à { $name }.
audit-mail-tested = { $actor } a envoyé un e-mail de test à { $name }.
audit-member-reminded = { $actor } a rappelé à { $name } de se connecter via le SSO.
audit-member-removed = { $actor } a retiré { $name } de { $organisation }.
audit-member-revoked = { $actor } a révoqué l’accès de { $name } à { $workspace }.
audit-member-role-changed = { $actor } a changé le rôle de { $name } dans { $workspace } : avant, { $from } ; maintenant, { $to }.
audit-member-session-ended = { $actor } a fermé une session de { $name } dans { $organisation }.
audit-member-sessions-ended = { $actor } a fermé les sessions de { $name } dans { $organisation }.
audit-operator-added = { $actor } a ajouté { $name } comme opérateur.
audit-operator-confirmed = { $actor } a confirmé avec le lien et fait maintenant partie des opérateurs.
audit-operator-removed = { $actor } a retiré à { $name } le statut d’opérateur.
audit-operator-wanted = { $actor } a envoyé à { $name } un lien pour devenir opérateur.
audit-organisation-created = { $actor } a créé l’organisation { $name } avec l’offre { $plan }.
audit-organisation-deleted = { $actor } a supprimé l’organisation { $name }.
audit-organisation-hosts-changed = { $actor } a modifié les hôtes attribués à { $name }.
audit-organisation-language-changed = { $actor } a changé la langue de { $name } : avant, { $from } ; maintenant, { $to }.
audit-organisation-lives-changed = { $actor } a modifié la durée de validité des invitations et des sessions de { $name }.
audit-organisation-plan-switched = { $actor } a fait passer { $name } de l’offre { $from } à l’offre { $to }.
audit-organisation-renamed = { $actor } a renommé l’organisation { $from } en { $name }.
audit-person-disabled = { $actor } a désactivé { $name }.
audit-person-enabled = { $actor } a réactivé { $name }.
audit-plan-changed = { $actor } a modifié l’offre { $name }.
audit-recovery-codes-made = { $actor } a créé de nouveaux codes de récupération pour { $name }.
audit-role-changed = { $actor } a modifié le rôle { $name }.
audit-role-created = { $actor } a créé le rôle { $name }.
audit-role-removed = { $actor } a supprimé le rôle { $name }.
audit-recovery-link-made = { $actor } a créé un lien de récupération pour { $name }.
audit-security-backup-late = { $actor } a constaté qu’aucune sauvegarde n’a été faite depuis deux périodes.
audit-security-backup-made = { $actor } a fait une sauvegarde de la base de données.
audit-security-copy-accepted = { $actor } a accepté telle quelle la base de données copiée { $name }.
audit-security-cross-site = { $actor } a envoyé une requête depuis un autre site : { $name }.
audit-security-left-out = Autres entrées de sécurité omises par { $actor } : { $lines }.
audit-security-refused = { $actor } s’est vu refuser { $name }.
audit-security-restored = { $actor } a remplacé la base de données { $name } par une sauvegarde.
audit-security-sign-in-failed = { $actor } a tenté de se connecter à un compte qui n’existe pas.
audit-security-throttled = { $actor } a fait trop de tentatives sur { $name }.
audit-security-unknown-host = Un proxy a interrogé au sujet de { $name }, où il n’y a pas d’application.
audit-security-unknown-key = { $actor } a utilisé une clé d’API inconnue pour { $name }.
audit-session-confirmed = { $actor } a confirmé son identité.
audit-session-ended = { $actor } a fermé une session de { $name }.
audit-session-password = { $actor } a ouvert une session avec un mot de passe.
audit-session-recovery = { $actor } a ouvert une session par récupération.
audit-session-refused = Connexion par mot de passe refusée pour { $name } : { $reason }.
audit-session-saml = { $actor } a ouvert une session via le SSO.
audit-setup-link-created = { $actor } a créé le lien « { $name } ».
audit-setup-link-metadata-read = { $actor } a chargé des métadonnées pour { $organisation }.
audit-setup-link-opened = { $actor } a ouvert la configuration du SSO de { $organisation }.
audit-setup-link-revoked = { $actor } a révoqué le lien « { $name } ».
audit-sso-refused = Connexion SSO refusée. { $reason }
audit-sso-verified = Le fournisseur d’identité a identifié { $name }.
audit-workspace-created = { $actor } a créé l’espace de travail { $name }.
audit-workspace-deleted = { $actor } a supprimé l’espace de travail { $name }.
audit-workspace-renamed = { $actor } a renommé l’espace de travail { $from } en { $name }.

## Console: branding

branding-leave-out = Ne pas utiliser { $file }
branding-logo = Logo
branding-logo-hint = PNG ou SVG, 64 Kio au plus. Déposez-le ici, ou choisissez-le.
branding-logo-name = Les lecteurs d’écran annoncent « { $name } » à la place du logo.
branding-name = Nom à côté du logo
branding-name-hint = Laissez ce champ vide si le logo contient le nom.
branding-no-logo = Sans logo, seul le nom est affiché.
branding-not-saved = { $file } n’a pas été accepté : rien n’est encore enregistré. Choisissez un autre fichier, ou renoncez à celui-ci.
branding-on-dark = Sur fond sombre
branding-on-light = Sur fond clair
branding-preview = Aperçu
branding-remove = Supprimer l’identité visuelle
branding-remove-lead = Les membres voient alors le nom et le logo de cette installation. Le logo est supprimé : pour l’utiliser à nouveau, il vous faudra son fichier.
branding-remove-lead-appliance = La page de connexion, les e-mails et les organisations sans identité visuelle propre affichent alors le nom Vestibule. Le logo est supprimé : pour l’utiliser à nouveau, il vous faudra son fichier.
branding-remove-logo = Supprimer le logo
branding-remove-title = Supprimer le nom et le logo ?
branding-removed = Le nom et le logo sont supprimés.
branding-save = Enregistrer l’identité visuelle
branding-saved = Le nom et le logo sont enregistrés.
branding-title = Nom et logo sur les pages
branding-too-large = { $file } fait { $kib } Kio ; la limite est de 64 Kio. Réduisez-le.
branding-wrong-kind = { $file } n’est ni un PNG ni un SVG. Exportez-le dans l’un de ces formats.

## Console: inviting several people

bulk-already-invited = Déjà invité
bulk-can-be-invited =
    { $count ->
        [one] { $count } personne peut être invitée.
       *[other] { $count } personnes peuvent être invitées.
    }
bulk-cannot-be-invited =
    { $count ->
        [one] { $count } ligne ne peut pas donner lieu à une invitation : voir ci-dessous.
       *[other] { $count } lignes ne peuvent pas donner lieu à une invitation : voir ci-dessous.
    }
bulk-check = Vérifier la liste
bulk-duplicate = En double
bulk-file = Ou un fichier
bulk-file-hint = CSV ou texte. Déposez-le ici, ou choisissez-le.
bulk-invite =
    { $count ->
        [one] Inviter { $count } personne
       *[other] Inviter { $count } personnes
    }
bulk-invited =
    { $count ->
        [one] { $count } personne est invitée.
       *[other] { $count } personnes sont invitées.
    }
bulk-is-invited = Invité
bulk-large = { $file } dépasse 1 Mio. Divisez-le.
bulk-links-below = Les liens se trouvent sous « Inviter une personne ».
bulk-links-mailed = Les liens ont été envoyés par e-mail.
bulk-mail-limit = Limite d’e-mails atteinte
bulk-member = Déjà membre
bulk-names = Les noms ne servent qu’à la vérification et ne sont pas enregistrés : chaque personne saisit le sien.
bulk-not-invited =
    { $count ->
        [one] { $count } ligne n’a pas donné lieu à une invitation et reste dans la zone de texte : corrigez les erreurs et réessayez.
       *[other] { $count } lignes n’ont pas donné lieu à une invitation et restent dans la zone de texte : corrigez les erreurs et réessayez.
    }
bulk-nothing-sent = Rien n’est encore envoyé.
bulk-people-hint = Collez le contenu d’un tableur, d’un carnet d’adresses ou d’un e-mail : une adresse par ligne, avec un nom ou un rôle à côté si vous le souhaitez (« ann@acme.test, Admin »), ou un tableau avec une ligne d’en-tête.
bulk-plan-full = Limite de l’offre atteinte
bulk-ready = Prêt
bulk-role = Rôle si la ligne n’en indique pas
bulk-title = Inviter plusieurs personnes à la fois
bulk-unreadable = Illisible
bulk-workbook = { $file } est un classeur. Enregistrez-le au format CSV, ou copiez ses cellules et collez-les ici.

## Console: certificates

certificate-add-next = Ajoutez le prochain dès maintenant
certificate-added-by = Ajouté par { $name }.
certificate-adopt = Adopter
certificate-adopted = Certificat adopté. Il est maintenant utilisé en plus des autres.
certificate-days-left =
    { $count ->
        [one] { $count } jour restant
       *[other] { $count } jours restants
    }
certificate-end-in-days =
    { $count ->
        [one] Le certificat de votre fournisseur d’identité expire dans { $count } jour, le { $day }.
       *[other] Le certificat de votre fournisseur d’identité expire dans { $count } jours, le { $day }.
    }
certificate-end-within-day = Le certificat de votre fournisseur d’identité expire dans moins d’un jour.
certificate-ended = Le certificat de votre fournisseur d’identité a expiré le { $day }.
certificate-found = Trouvé dans les métadonnées de votre fournisseur.
certificate-no-name = Sans nom
certificate-period = Du { $from } au { $to }
certificate-reject = Rejeter
certificate-rejected = Certificat rejeté. Il n’a jamais été utilisé.
certificate-replace = Remplacez-le
certificate-warning = Une fois le certificat adopté, quiconque possède sa clé privée peut se connecter à la place de n’importe quel membre. S’il a été ajouté par une clé d’API ou un lien de configuration, ne l’adoptez que si votre fournisseur affiche la même empreinte SHA-256.
certificate-within-day = Expire dans moins d’un jour
certificates-announced = Adoptez ce que votre fournisseur a annoncé : le nouveau certificat est alors accepté en plus de l’ancien, et les connexions continuent lorsque le fournisseur en change.
certificates-in-use = Certificats utilisés
certificates-wait =
    { $count ->
        [one] Un nouveau certificat attend votre décision.
       *[other] De nouveaux certificats attendent votre décision.
    }
certificates-wait-for-plan =
    { $count ->
        [one] Un nouveau certificat est en attente. Vous pourrez l’adopter ou le rejeter lorsque l’offre inclura le SSO.
       *[other] De nouveaux certificats sont en attente. Vous pourrez les adopter ou les rejeter lorsque l’offre inclura le SSO.
    }

## Console: clocks

clock-agrees = L’horloge du fournisseur concorde avec la nôtre
clock-ahead = L’horloge du fournisseur avance de { $duration } sur la nôtre
clock-allowed = { $count } s d’écart sont tolérées dans chaque sens
clock-arrived = Arrivée, selon l’horloge de ce serveur
clock-behind = L’horloge du fournisseur retarde de { $duration } sur la nôtre
clock-drifting = Les connexions fonctionnent encore. Synchronisez les deux horloges par NTP avant qu’elles n’échouent : vérifiez d’abord celle de ce serveur.
clock-drifting-badge = Les horloges s’écartent
clock-failing = Les connexions échouent ou vont échouer. Synchronisez les deux horloges par NTP : vérifiez d’abord celle de ce serveur.
clock-failing-badge = Horloges trop écartées
clock-fine = Rien à faire.
clock-fine-badge = Les horloges concordent
clock-issued = Émission, selon l’horloge du fournisseur
clock-median =
    { $count ->
        [one] { $difference } : médiane de la dernière réponse.
       *[other] { $difference } : médiane des { $count } dernières réponses.
    }
clock-ours = l’horloge de ce serveur
clock-seconds = { $count } s
clock-seconds-allowed = { $count } secondes d’écart sont tolérées dans chaque sens.
clock-theirs = l’horloge du fournisseur
clock-title = Horloge
clock-told = { $difference }.
clock-told-allowed = { $difference }. { $count } s d’écart sont tolérées dans chaque sens.
clock-valid-from = Début de validité
clock-valid-until = Fin de validité

## Console: organisations that the session has no access to

closed-another = Vous vous êtes connecté via l’authentification unique, qui ne montre que l’organisation dont elle dépend. Si cette page appartient à une autre de vos organisations, { $link }.
closed-another-link = connectez-vous à celle-ci
closed-either = { $name } n’est pas accessible dans cette session. Connectez-vous via l’authentification unique ou avec votre mot de passe.
closed-none = { $name } n’est pas accessible dans cette session, et vous n’avez actuellement aucune méthode de connexion pour elle. Adressez-vous à l’un de ses administrateurs.
closed-password = { $name } n’est pas accessible dans cette session. Reconnectez-vous avec votre mot de passe.
closed-sso = { $name } n’est pas accessible dans cette session : elle exige l’authentification unique.

## Console: copying

copied = Copié
copy = Copier
copy-copied = Copié : { $name }
copy-keys = Ctrl-C
copy-named = Copier : { $name }
copy-press = Sélectionné : appuyez sur { $keys }
copy-selected = Sélectionné : { $name }. Appuyez sur { $keys } pour copier

## Console: finding people

find = Rechercher
find-active = Au cours des 90 derniers jours
find-all =
    { $count ->
        [one] { $count } personne
       *[other] { $count } personnes
    }
find-and-more = Au moins { $count } personnes
find-away = Il y a plus de 90 jours
find-clear = Effacer les filtres
find-method = Dernière connexion par
find-name = Nom ou adresse
find-never = Jamais
find-never-signed-in = Jamais connecté
find-of =
    { $all ->
        [one] { $count } sur { $all } personne
       *[other] { $count } sur { $all } personnes
    }
find-ready = A utilisé le SSO
find-recovery = Récupération
find-role = Rôle
find-saml = SSO
find-show-more = Afficher { $count } de plus
find-state = Dernière connexion
find-waiting = N’a pas utilisé SSO
search = Rechercher

## Console: disabling people

disable = Désactiver
disable-named = Désactiver { $email }
disable-title = Désactiver { $email } dans toutes les organisations ?
disabled-now = Le compte { $email } est désactivé.
enable = Réactiver
enable-named = Réactiver { $email }
enable-title = Réactiver { $email } ?
enabled = Le compte { $email } est réactivé.
known-passwords-of-person = Invalider aussi les mots de passe définis avec des liens que cette personne a reçus
password-link-make = Créer le lien
password-link-mailed = Nous avons envoyé par e-mail un lien de mot de passe à { $email }.
password-link-title = Créer un lien de mot de passe pour { $email } ?

## Console: lists

download-csv = Télécharger au format CSV

## Console: restored entries of a form

drafts-back = Votre saisie précédente est rétablie. Elle n’est pas encore enregistrée.
drafts-choose = Choisissez à nouveau { $file }.

## Console: files

file-again = Votre session a pris fin avant la lecture de { $file }. Choisissez à nouveau ce fichier.
file-hint = Déposez-le ici, ou choisissez-le.

## Console: the help

help-audit-log = le journal d’audit
help-branding = l’identité visuelle
help-failed-sign-ins = les échecs de connexion
help-links = les liens dans les e-mails
help-mail = les e-mails
help-members = les membres
help-on = Aide : { $topic } (en anglais, s’ouvre dans un nouvel onglet)
help-people = les personnes
help-plans = les offres
help-proxy = le proxy en amont
help-roles = les rôles
help-setting-up-sso = la configuration de l’authentification unique
help-workspaces = les espaces de travail
help-your-account = votre compte

## Console: invitations

invitation-by = invité par { $name }
invitation-of = { $email }, pour { $workspace }
invitation-orphaned = Lien terminé : son créateur ne peut plus inviter. Renvoyez-la
invitation-link-below = Le lien se trouve sous « { $place } ».
invitation-link-lead = Aucun serveur de messagerie n’est configuré : transmettez vous-même ce lien à { $email }. Il ne sera plus affiché et fonctionne jusqu’au { $until }.
invitation-link-mailed = Le lien a été envoyé par e-mail.
invitation-links =
    { $count ->
        [one] Lien d’invitation
       *[other] Liens d’invitation
    }
invitation-links-lead = Aucun serveur de messagerie n’est configuré : transmettez vous-même chaque lien. Ils ne seront plus affichés ; chacun fonctionne une seule fois, le plus récent jusqu’au { $until }.
invitation-mailed = Nous avons envoyé l’invitation par e-mail à { $email }.
invitation-remove-of = Retirer l’invitation de { $email }
invitation-removed = L’invitation de { $email } est retirée.
invitation-resend = Renvoyer
invitation-resend-to = Renvoyer l’invitation à { $email }
invitation-resent = { $email } a un nouveau lien. L’ancien ne fonctionne plus.
invitation-sent = Invitation créée pour { $email }.
invitation-until = Jusqu’au { $until }
invitations = Invitations
invitations-found = Avec « { $search } » dans l’adresse : { $count } sur { $all }.
invitations-none = Aucune invitation en cours. Chacune est valable { $life }.
invitations-not-found = Aucune invitation en cours ne contient « { $search } » dans son adresse. Essayez une partie plus courte, ou effacez les filtres.
invite = Inviter
invite-person = Inviter une personne

## Console: API keys

delete-named = Supprimer { $name }
keys-copy-all = toutes les clés
keys-create = Créer la clé
keys-created = La clé { $name } est créée. Elle se trouve sous « Nouvelle clé » : copiez-la maintenant.
keys-created-by = créée par { $name } le { $day }
keys-delete = Supprimer la clé
keys-delete-lead = Les programmes qui utilisent cette clé sont immédiatement refusés. Cette action est irréversible.
keys-delete-title = Supprimer { $name } ?
keys-deleted = La clé { $name } est supprimée.
keys-expires-after = Expire après
keys-header = Les programmes l’envoient avec chaque requête à l’API : { $header }, suivi de la clé.
keys-made = Copiez la clé là où elle sera utilisée. Elle ne sera plus affichée.
keys-made-many = Copiez chaque clé là où elle sera utilisée. Elles ne seront plus affichées.
keys-name-hint = Son usage, par exemple le programme qui l’utilisera.
keys-named = Clé d’API { $name }
keys-new = Nouvelle clé
keys-no-expiry = Sans expiration
keys-year = 1 an
known-passwords-hint = Pour les liens que d’autres ont pu utiliser. Les personnes concernées sont déconnectées et définissent un nouveau mot de passe avec un lien de réinitialisation. Les clés d’API et les liens créés avec ces mots de passe prennent fin également.
known-passwords-of-key = Invalider aussi les mots de passe définis avec des liens que la clé a reçus

## Console: links

link-incomplete = Cette adresse est incomplète. Ouvrez à nouveau le lien d’origine.

## Console: lifetimes

lives-at-once = S’applique immédiatement à tout le monde.
lives-days = Durée maximale d’une connexion (jours)
lives-empty = Laissez vide pour la valeur de l’installation.
lives-idle = Durée d’inactivité avant la fin d’une connexion (heures)
lives-invitation = Durée de validité des invitations (heures)
lives-invitation-hint = Pour les invitations envoyées à partir de maintenant.
lives-lead = Vous pouvez choisir des durées plus courtes que celles de l’installation, pas plus longues.
lives-own = Laissez vide pour la valeur de l’installation : { $value }.
lives-save = Enregistrer les durées
lives-saved = Les durées sont enregistrées.
lives-title = Invitations et sessions

## Console: menus

more = Plus
more-for = Plus d’actions pour { $name }

## Console: values shown once

copy-all = Tout copier
copy-all-named = Tout copier : { $name }
leave = Quitter
leave-lead = Vous n’avez ni copié ni enregistré ceci, et ce ne sera plus affiché :
leave-session-over = Votre session a pris fin
leave-session-over-lead = Restez pour copier ou enregistrer ceci avant de vous reconnecter : ce ne sera plus affiché.
leave-sign-in = Se reconnecter
leave-title = Quitter cette page ?
stay = Rester

## Console: the provider’s metadata

metadata-adopt = Accepter les nouveaux certificats qui s’y trouvent
metadata-adopt-hint = Ils s’ajoutent automatiquement à ceux qui sont utilisés. Sinon, ils attendent ici votre approbation.
metadata-by-hand = Saisir plutôt les valeurs à la main
metadata-changed-entity-id = Les métadonnées du fournisseur contiennent un autre ID d’entité.
metadata-changed-lead = Cette valeur n’est pas appliquée automatiquement. Si le fournisseur vous a annoncé ce changement, enregistrez le formulaire : vous voyez d’abord qui est concerné, et une nouvelle connexion de test est nécessaire.
metadata-changed-sign-on-url = Les métadonnées du fournisseur contiennent une autre URL de connexion.
metadata-check = Vérifiez, puis enregistrez.
metadata-failed = { $failed } : { $failure }. Les connexions continuent avec la copie du { $at } ; le chargement est retenté toutes les heures.
metadata-failed-at = Les métadonnées n’ont pas pu être chargées le { $at }
metadata-file = Fichier de métadonnées
metadata-fill = Remplir le formulaire
metadata-filled = Le formulaire est rempli à partir des métadonnées.
metadata-followed = Ces valeurs proviennent de { $url }, consultée une fois par jour.
metadata-in-it = Dans les métadonnées
metadata-large = { $file } dépasse 1 Mio : ce ne peut pas être les métadonnées d’un fournisseur.
metadata-lead = Remplir le formulaire à partir des métadonnées du fournisseur
metadata-load = Charger les métadonnées
metadata-load-now = Charger maintenant
metadata-loaded = Chargées le { $at } depuis { $url }. Prochain chargement : { $next }.
metadata-loaded-now = Chargées à l’instant.
metadata-paste = Coller plutôt leur texte
metadata-saved-here = Enregistré ici
metadata-title = Métadonnées du fournisseur
metadata-unfetched = Cette adresse n’est pas chargée. Cliquez sur « Charger les métadonnées » pour en reprendre les valeurs, ou videz ce champ pour enregistrer celles que vous avez saisies.
metadata-unfollow = Pour ne plus suivre une adresse, cliquez sur « Saisir plutôt les valeurs à la main ».
metadata-url = URL des métadonnées
metadata-url-hint = Recommandé : elle est consultée chaque jour, si bien qu’un nouveau certificat est trouvé avant que l’ancien n’expire.
metadata-wrong-file = { $file } n’est pas un fichier de métadonnées d’un fournisseur d’identité : il { $fault }.
metadata-xml = XML des métadonnées

## Console: next steps

hide = Masquer
steps-done =
    { $count ->
        [one] { $count } étape sur { $all } terminée
       *[other] { $count } étapes sur { $all } terminées
    }
steps-hide-hint = Dans ce navigateur ; vous pourrez les réafficher
steps-left =
    { $count ->
        [one] { $title } : { $count } étape restante
       *[other] { $title } : { $count } étapes restantes
    }
steps-open = Ouvrir
steps-open-named = { $title } : ouvrir

## Console: the API

api-answer = Réponse { $status }
api-body = Corps
api-command = la commande : { $of }
api-command-title = La commande : { $of }
api-example = { $title }, par exemple : { $of }
api-in-path = dans le chemin
api-in-query = { $shape }, dans la requête, facultatif
api-in-shell = Dans un shell
api-least = au moins { $least }
api-least-characters =
    { $least ->
        [one] au moins { $least } caractère
       *[other] au moins { $least } caractères
    }
api-most = au plus { $most }
api-most-characters =
    { $most ->
        [one] au plus { $most } caractère
       *[other] au plus { $most } caractères
    }
api-parameters = Paramètres
api-range = au moins { $least }, au plus { $most }
api-range-characters =
    { $most ->
        [one] au moins { $least }, au plus { $most } caractère
       *[other] au moins { $least }, au plus { $most } caractères
    }
api-refusals = Refus
api-shape = { $title }, sa forme : { $of }
api-without-body = { $text } Sans corps.
rights-anyone = Tout le monde, même sans connexion.
rights-key = Pour { $people } ; avec une session ou une clé ayant la portée { $scope }.
rights-member = les membres de l’organisation et les opérateurs
rights-operator = les opérateurs
rights-operator-key = Pour { $people } ; avec une session ou la clé d’un opérateur.
rights-organisation-admin = les administrateurs de l’organisation et les opérateurs
rights-person = toute personne connectée
rights-session = Pour { $people } ; avec une session, pas avec une clé.
rights-workspace-admin = les Admins de l’espace de travail, les administrateurs de l’organisation et les opérateurs
rights-workspace-member = les membres de l’espace de travail, les administrateurs de l’organisation et les opérateurs

## Console: our own SAML keys

own-keys-both = Les deux générations sont publiées. Lorsque votre fournisseur aura rechargé nos métadonnées, retirez l’ancienne.
own-keys-encryption = Chiffrement, SHA-256 { $fingerprint }
own-keys-lead = Elles signent nos requêtes et déchiffrent les assertions. Leurs certificats se trouvent dans { $metadata } ; les clés privées ne quittent jamais ce serveur.
own-keys-made = Créées le { $at }
own-keys-never-used = Rien n’a jamais été chiffré pour elles.
own-keys-new = Nouvelles
own-keys-old = Anciennes, signent encore
own-keys-other = Assurez-vous que votre fournisseur a les certificats créés le { $at }.
own-keys-remove-lead = Elles sont supprimées de nos métadonnées, et les assertions chiffrées pour elles sont refusées.
own-keys-retire = Retirer
own-keys-retire-action = Retirer les clés
own-keys-retire-of = Retirer les clés créées le { $at }
own-keys-retire-title = Retirer les anciennes clés ?
own-keys-retired = Les anciennes clés sont retirées.
own-keys-rotate = Renouveler les clés
own-keys-rotated = De nouvelles clés sont publiées à côté des anciennes. Faites recharger nos métadonnées par votre fournisseur, puis retirez les anciennes.
own-keys-signing = Signature, SHA-256 { $fingerprint }
own-keys-signs = Nos requêtes sont ensuite signées avec les autres clés.
own-keys-title = Nos clés SAML
own-keys-used = Dernier chiffrement pour elles par votre fournisseur : { $at }.
own-keys-valid = Valables jusqu’au { $day }. Dernier déchiffrement : { $at }.
own-keys-withdraw = Annuler
own-keys-withdraw-action = Annuler ces clés
own-keys-withdraw-of = Annuler les clés créées le { $at }
own-keys-withdraw-title = Annuler les nouvelles clés ?
own-keys-withdrawn = Les nouvelles clés sont annulées.

## Console: plans

plan-brief-either = Les membres se connectent avec un mot de passe, ou avec votre propre fournisseur d’identité (authentification unique).
plan-brief-password = Les membres se connectent avec un mot de passe.
plan-brief-saml = Les membres se connectent uniquement avec votre propre fournisseur d’identité (authentification unique).
plan-hint = Fixe les limites et la façon dont les membres se connectent. En tant qu’opérateur, vous pouvez changer d’offre à tout moment.
plan-limits =
    { $members ->
        [one] { $workspaces ->
            [one] Jusqu’à { $members } personne, jusqu’à { $workspaces } espace de travail.
           *[other] Jusqu’à { $members } personne, jusqu’à { $workspaces } espaces de travail.
        }
       *[other] { $workspaces ->
            [one] Jusqu’à { $members } personnes, jusqu’à { $workspaces } espace de travail.
           *[other] Jusqu’à { $members } personnes, jusqu’à { $workspaces } espaces de travail.
        }
    }
plan-limits-members =
    { $members ->
        [one] Jusqu’à { $members } personne, nombre d’espaces de travail illimité.
       *[other] Jusqu’à { $members } personnes, nombre d’espaces de travail illimité.
    }
plan-limits-workspaces =
    { $workspaces ->
        [one] Nombre de personnes illimité, jusqu’à { $workspaces } espace de travail.
       *[other] Nombre de personnes illimité, jusqu’à { $workspaces } espaces de travail.
    }
plan-no-limits = Sans limites.
plan-sign-in-either = Avec un mot de passe, ou via l’authentification unique si l’organisation l’a configurée.
plan-sign-in-password = Avec un mot de passe.
plan-sign-in-saml = Via l’authentification unique. Tant qu’elle n’est pas configurée, les administrateurs de l’organisation se connectent avec un mot de passe.

## Console: SSO readiness

readiness-all = { $everyone } Personne ne perdrait l’accès.
readiness-everyone = Tout le monde a utilisé le SSO.
readiness-not-yet =
    { $count ->
        [0] Il ne manque personne
        [one] { $count } n’a pas encore utilisé le SSO
       *[other] { $count } n’ont pas encore utilisé le SSO
    }
readiness-ready =
    { $count ->
        [0] Personne n’a encore utilisé le SSO
        [one] { $count } a utilisé le SSO
       *[other] { $count } ont utilisé le SSO
    }
readiness-see = Les voir sous « Personnes »
readiness-see-all = Afficher les { $count }
readiness-signed-in =
    { $ready ->
        [one] { $ready } personne sur { $total } s’est connectée via le SSO
       *[other] { $ready } personnes sur { $total } se sont connectées via le SSO
    }
readiness-since = { $signedIn } depuis le { $day }, date du test de la configuration SSO.
readiness-told = { $signedIn }.
readiness-waiting = N’ont pas encore utilisé le SSO ({ $count })
remind = Envoyer un rappel
remind-all =
    { $count ->
        [one] Envoyer un rappel
       *[other] Envoyer un rappel aux { $count }
    }
remind-named = Envoyer un rappel à { $email }
remind-no-mail = Aucun serveur de messagerie n’est configuré : Vestibule ne peut pas envoyer de rappels. Envoyez vous-même ce texte :
remind-text = { $organisation } passe à l’authentification unique. Connectez-vous dès maintenant une fois de cette façon, pour ne pas perdre l’accès plus tard : { $url }
remind-text-only = { $organisation } utilise uniquement l’authentification unique. Connectez-vous à l’adresse { $url }
remind-text-title = Texte pour vos membres
reminded = Un rappel est envoyé par e-mail à { $email }.
reminded-at = rappel envoyé le { $at }
reminded-before =
    { $count ->
        [one] { $count } personne a déjà reçu un rappel au cours des dernières 24 heures.
       *[other] { $count } personnes ont déjà reçu un rappel au cours des dernières 24 heures.
    }
reminded-many =
    { $count ->
        [one] Un rappel est envoyé par e-mail à { $count } personne.
       *[other] Un rappel est envoyé par e-mail à { $count } personnes.
    }

## Console: confirming one’s identity

confirm-lead = Vous vous êtes connecté il y a un certain temps, et cette modification est sensible. Rien de ce que vous avez saisi n’est perdu.
confirm-new-tab = Ouvre un nouvel onglet. Dès que vous vous y serez connecté, cette page continuera automatiquement.
confirm-title = Confirmez votre identité
confirm-with-sso = Confirmer via l’authentification unique
confirm-your-password = Votre mot de passe

## Console: sessions begun by recovery

recovery-locked = { $told } car l’authentification unique ne vous a pas laissé entrer. Réparez la configuration SSO et testez-la, ou désactivez le mode SAML exclusif (si l’offre le permet) pour que tout le monde puisse utiliser un mot de passe ; puis reconnectez-vous. La récupération prend fin le { $end }.
recovery-locked-told = Vous êtes connecté à { $organisation } par récupération,
recovery-open-sso = Ouvrir les paramètres SSO
recovery-sign-in = Se connecter avec votre mot de passe
recovery-unlocked = { $told } Les mots de passe y fonctionnent de nouveau : connectez-vous avec le vôtre, sans code de récupération. La récupération prend fin le { $end }.
recovery-unlocked-told = Vous êtes connecté à { $organisation } par récupération.

## Console: removing members

removal-action = Retirer de l’organisation
removal-admins = administration de l’organisation
removal-all-workspaces = tous les espaces de travail
removal-done = { $email } n’est plus membre de { $organisation }.
removal-leaves = Cette personne perd les accès suivants : { $places }. Elle n’est plus membre de { $organisation }. Son compte est conservé.
removal-title = Retirer { $email } de { $organisation } ?
session-by = par { $method }, { $at }
session-end-of = Fermer la session dans { $browser }, { $where }
session-from = depuis { $address }, { $signIns }
sessions-end =
    { $count ->
        [one] Fermer { $count } session
       *[other] Fermer { $count } sessions
    }
sessions-end-lead = Cette personne est déconnectée de { $organisation } et peut se reconnecter.
sessions-end-title = Fermer les sessions de { $email } ?
sessions-ended = { $email } est déconnecté de { $organisation }.
sessions-none = { $email } n’est pas connecté à { $organisation }.
sessions-that-end = Sessions qui prennent fin

## Console: SAML-only

codes = Codes de récupération
codes-all = tous les codes de récupération
codes-download = Télécharger au format texte
codes-file = Codes de récupération de { $organisation } sur { $host }, créés le { $day }. Chacun permet à un administrateur de l’organisation de se connecter une fois.
codes-for = Pour { $origin }, créés le { $day }.
codes-lead = { $title } Ils ne seront plus affichés : imprimez-les, téléchargez-les ou enregistrez-les dans un gestionnaire de mots de passe avant de quitter ou de recharger cette page. Chacun permet à un administrateur de l’organisation de se connecter une fois, avec son adresse e-mail et son mot de passe, lorsque votre fournisseur d’identité n’est pas disponible.
codes-left =
    { $count ->
        [one] Il reste { $count } code de récupération.
       *[other] Il reste { $count } codes de récupération.
    }
codes-of = Codes de récupération de { $organisation }
codes-print = Imprimer
codes-renew = Nouveaux codes de récupération
codes-renew-action = Créer de nouveaux codes
codes-renew-lead =
    { $count ->
        [one] Le code de récupération qui reste cesse aussitôt de fonctionner, même s’il a été imprimé. Dix nouveaux codes s’affichent une seule fois, pour que vous les enregistriez ou les imprimiez.
       *[other] Les { $count } codes de récupération qui restent cessent aussitôt de fonctionner, même s’ils ont été imprimés. Dix nouveaux codes s’affichent une seule fois, pour que vous les enregistriez ou les imprimiez.
    }
codes-renew-title = Remplacer les codes de récupération ?
codes-renewed = Dix nouveaux codes de récupération ; les anciens ne fonctionnent plus.
codes-sheet = Chaque code permet à un administrateur de l’organisation de se connecter une fois sans le fournisseur d’identité : sur la page de connexion, avec son adresse e-mail, son mot de passe et « Utiliser un code de récupération ». Barrez chaque code utilisé. De nouveaux codes remplacent tous ceux-ci. Conservez cette feuille là où seuls les administrateurs de l’organisation la trouvent.
codes-sign-in-first = Pour en créer de nouveaux, connectez-vous d’abord via le SSO ou avec un code de récupération.
codes-title = Codes de récupération.
help-recovery-codes = les codes de récupération
saml-only-allow-title = Autoriser à nouveau les mots de passe ?
saml-only-by-plan = L’offre n’autorise que SAML.
saml-only-disable = Désactiver l’authentification SAML exclusive
saml-only-disable-action = Désactiver le mode SAML exclusif
saml-only-enable = Activer l’authentification SAML exclusive
saml-only-enable-action = Activer le mode SAML exclusif
saml-only-enable-title = Activer l’authentification SAML exclusive ?
saml-only-is-off = Les membres peuvent à nouveau se connecter avec un mot de passe.
saml-only-is-on = Le mode SAML exclusif est activé.
saml-only-off-lead = Une fois ce mode activé, les membres ne se connectent plus qu’avec votre fournisseur d’identité, et les mots de passe sont refusés. Vous voyez d’abord qui est concerné.
saml-only-not-yet = Vous ne pouvez pas encore l’activer. { $why }
saml-only-once-ready = Ce mode peut être activé dès que la configuration SSO est prête.
saml-only-preview = Voir qui serait concerné
saml-only-preview-lead = Si le mode SAML exclusif était activé maintenant :
saml-only-preview-title = Qui serait concerné par le mode SAML exclusif ?
saml-only-refuses = Les mots de passe sont refusés.
saml-only-test-first = Connectez-vous d’abord vous-même via le SSO (avec { $test }), pour être sûr de ne pas perdre l’accès.
saml-only-title = Authentification SAML exclusive
saml-only-where-codes = Les codes de récupération se trouvent sous « Authentification SAML exclusive » : enregistrez-les avant de quitter la page.

## Console: set-up links

created-by = créé par { $name }
revoke = Révoquer
revoke-named = Révoquer { $name }
setup-link-active = Actif
setup-link-create = Créer le lien
setup-link-created = Le lien de configuration est créé. Il se trouve sous « Envoyer ceci à votre administrateur informatique » : copiez-le maintenant.
setup-link-done = Terminé
setup-link-for = Lien de configuration pour { $name }
setup-link-lasts = Durée de validité
setup-link-lead = Envoyez le lien à votre administrateur informatique. Il ne sera plus affiché.
setup-link-link = Lien
setup-link-named = Lien { $id }
setup-link-orphaned = Terminé : son créateur n’en a plus le droit
setup-link-recipient = Destinataire
setup-link-recipient-hint = Pour votre propre liste ; le lien ne l’affiche pas.
setup-link-revoke = Révoquer le lien
setup-link-revoke-lead = Il cesse immédiatement de fonctionner. Les paramètres enregistrés avec ce lien sont conservés.
setup-link-revoke-title = Révoquer { $name } ?
setup-link-revoked = Le lien est révoqué.
setup-link-status = État
setup-link-until = Jusqu’au
setup-links-lead = La personne qui gère votre fournisseur d’identité n’a pas besoin de compte : un lien de configuration lui montre nos valeurs, reçoit les siennes et ne donne aucun autre accès. Vous effectuez vous-même la connexion de test : cette page indique quand le moment est venu, et vous recevez un e-mail si un serveur de messagerie est configuré. Le lien cesse de fonctionner après le test.
setup-links-left = Ils ne fonctionnent pas avec cette offre. D’ici à leur expiration, ils fonctionneront de nouveau si l’offre inclut le SSO.
setup-links-send = Envoyer ceci à votre administrateur informatique
setup-links-title = Liens de configuration

## Console: advanced settings of SAML requests

request-advanced = Options avancées
request-email = Adresse e-mail
request-fresh = Demander une nouvelle authentification
request-fresh-hint = Le fournisseur redemande le mot de passe, et une connexion antérieure chez lui est refusée.
request-name-id = Format NameID à demander
request-name-id-hint = Avec des noms persistants ou transitoires, l’adresse e-mail doit figurer dans un attribut.
request-none = Aucun : selon la configuration du fournisseur
request-ours = Nos requêtes
request-persistent = Persistant
request-sign = Signer les requêtes
request-sign-asked = Les métadonnées du fournisseur le demandent.
request-sign-hint = Elles sont signées avec la première clé de signature de nos métadonnées, que le fournisseur doit avoir.
request-stays-ready = La configuration SSO reste prête. Testez-la à nouveau après une modification ici.
request-transient = Transitoire
request-unspecified = Non spécifié

## Console: the SSO settings

sso-all-attempts = Toutes les connexions SSO
sso-certificate-add = Ajouter un autre certificat
sso-certificate-added = { $file } a été ajouté. Vérifiez-le, puis enregistrez.
sso-certificate-empty = Videz-le pour le supprimer.
sso-certificate-file = Ou un fichier de certificat
sso-certificate-file-hint = PEM, DER (.cer, .crt) ou PKCS#7 (.p7b) : déposez-le ici, ou choisissez-le.
sso-certificate-full = Il y a déjà quatre certificats. Videz-en un d’abord.
sso-certificate-large = { $file } dépasse 64 Kio : ce ne peut pas être un certificat.
sso-certificate-lines = Avec ou sans ses lignes BEGIN et END.
sso-certificate-next = { $label } { $number }
sso-certificate-private = { $file } contient une clé privée, qui doit rester chez le fournisseur. Choisissez plutôt le certificat.
sso-draft-more = Autres réglages de ce brouillon : certificats, clés, SSO obligatoire et suppression
sso-elsewhere = Vous êtes à l’adresse { $here }, et l’URL publique est { $origin }.
sso-elsewhere-lead = Les valeurs ci-dessous sont celles de l’URL publique. Si elle est fausse, demandez à un opérateur de consulter { $doctor } avant de les donner à votre fournisseur d’identité.
sso-key-hint = C’est vous qui la choisissez, et non le fournisseur : les membres la saisissent pour se connecter. De 3 à 64 lettres, chiffres, tirets ou tirets bas ; elle doit être unique.
sso-latest = Dernières connexions
sso-open-metadata = Ouvrir nos métadonnées
sso-our-values = Nos valeurs, pour votre fournisseur d’identité
sso-portal-lead = Les membres partent de l’URL du portail, ou saisissent la clé du portail sur la page de connexion.
sso-portal-lead-unsaved = Les membres partent de l’URL du portail, ou saisissent la clé du portail sur la page de connexion. Cela fonctionne dès que la clé est enregistrée.
sso-provider-values = Les valeurs de votre fournisseur
sso-ready-since = Prêt depuis le { $at }.
sso-remove = Supprimer la configuration SSO
sso-remove-effect = Vous voyez qui est concerné avant que cela n’arrive.
sso-remove-heading = Supprimer
sso-remove-either = Les membres ne se connecteront plus qu’avec leur mot de passe.
sso-remove-only = Seuls les administrateurs de l’organisation se connecteront alors, avec un mot de passe, jusqu’à ce que le SSO soit de nouveau configuré.
sso-remove-title = Supprimer l’authentification unique ?
sso-removed = L’authentification unique est supprimée.
sso-save-title = Enregistrer ces paramètres ?
sso-status-either = { $through } ou avec leur mot de passe.
sso-status-only = { $through } uniquement.
sso-status-through = Les membres peuvent se connecter via le SSO
sso-your-provider = Votre fournisseur d’identité

## Console: guides

guide = Guide
guide-how-to = Mode d’emploi : { $provider }
guide-not-listed = Votre fournisseur n’est pas dans la liste ? Choisissez « Autre » : tout fournisseur compatible avec SAML 2.0 convient.
guide-ours = notre valeur : { $name }
guide-value-for = valeur pour { $field }

## Console: the test sign-in

activated = Le SSO est activé.
activated-done = Terminé
activated-either = Les membres peuvent se connecter via le SSO, ou avec leur mot de passe comme avant.
activated-invite = Les comptes ne sont pas créés automatiquement : { $invite }.
activated-invite-link = invitez les personnes qui manquent
activated-only = Les membres peuvent se connecter via le SSO uniquement.
activated-portal = Ils ouvrent l’URL du portail, ou saisissent la clé sur la page de connexion. La vignette de l’application chez le fournisseur peut aussi mener à l’URL du portail.
activated-tell = Indiquez à vos membres où se connecter
activated-tested = Testé le { $at }.
later-lead = Vous n’avez rien d’autre à faire pour l’instant : le SSO est activé, et les mots de passe fonctionnent toujours. Une fois que les membres de { $organisation } se seront connectés via le SSO, vous pourrez désactiver les mots de passe. { $samlOnly }, dans { $settings }, montre d’abord qui a utilisé le SSO et qui perdrait l’accès.
later-settings = tous les paramètres
later-title = Plus tard : exiger le SSO pour tout le monde
test-again = Tester à nouveau
test-all-settings = Tous les paramètres
test-change-here = Modifier les paramètres ici
test-change-there = Modifier chez le fournisseur
test-how = Connectez-vous une fois via le fournisseur d’identité de { $organisation } avec votre propre compte, { $email }.
test-how-not-you = L’un des administrateurs de l’organisation doit se connecter une fois par ce moyen ; vous n’en faites pas partie.
test-no-rule = La réponse a été refusée avant la vérification des règles.
test-ready = Les membres peuvent se connecter via le SSO.
test-refused = La connexion du { $at } a été refusée.
test-refused-lead = Si vous avez corrigé le problème depuis, testez à nouveau. Sinon, voici la raison :
test-rules = Règle par règle
test-saved = Enregistré, mais les membres ne peuvent pas encore l’utiliser.
test-succeeded = La connexion de test a réussi : { $at }, en tant que { $email }.
test-then-ready = Le SSO est alors prêt.
test-trace = La trace complète de { $reference }

## Console: the set-up of SSO

step-at = Chez { $provider }
step-at-other = Chez votre fournisseur
step-choose = Choisir
step-choose-title = Choisissez votre fournisseur d’identité
step-copy = Copier
step-copy-title = Copiez nos valeurs dans { $provider }
step-copy-title-other = Copiez nos valeurs chez votre fournisseur
step-done = Terminé
step-done-title = L’authentification unique est activée
step-follow = Ouvrez sa console dans un autre onglet et suivez ses écrans dans cet ordre. Revenez ici pour chaque valeur.
step-metadata = Un fournisseur qui importe des métadonnées trouve les deux dans { $metadata }.
step-our-values = Nos valeurs
step-paste = Coller
step-paste-title = Collez les valeurs de { $provider }
step-paste-title-other = Collez les valeurs de votre fournisseur
step-portal-hint = pas pour le fournisseur : là où vos membres se connectent une fois que tout est configuré
step-save = Enregistrer et continuer
step-set-up = Configuration
step-test = Tester
step-where = Où les trouver

## Console: new passwords

strength-0 = Très facile à deviner
strength-1 = Facile à deviner
strength-2 = Pas assez fort
strength-3 = Fort
strength-4 = Très fort
strength-add = { $strength } : ajoutez un autre mot peu courant.
strength-fault = Il { $fault }.
strength-this = Ce mot de passe
strength-told = { $strength }.

## Console: the trace of a sign-in

rule-failed = Échec
rule-not-checked = Non vérifiée
rule-passed = Respectée
rule-source = Source : { $source }.
rules-all-passed = La réponse elle-même est correcte : toutes ses règles sont respectées
rules-passed =
    { $count ->
        [one] { $count } règle respectée sur { $all }
       *[other] { $count } règles respectées sur { $all }
    }
trace-at-others = Chez d’autres fournisseurs
trace-cause = Cause : { $cause }
trace-expected = Attendu
trace-provider =
    { $product ->
        [google] Google Workspace
        [okta] Okta
        [entra] Microsoft Entra ID
        [keycloak] Keycloak
        [adfs] ADFS
        [jumpcloud] JumpCloud
        [onelogin] OneLogin
       *[other] Tout autre fournisseur
    }
trace-received = Reçu
trace-what-to-change = Ce qu’il faut modifier.
trace-why = Pourquoi la connexion a été refusée

## Guides: Google Workspace

google-acs-url = URL ACS
google-add-app = Ajouter une application
google-add-custom-saml-app = Ajouter une application SAML personnalisée
google-admin-console = Console d’administration Google
google-app-details = Détails de l’application
google-app-name = Nom de l’application
google-application-identifier-entity-id = Identifiant de l’application (ID d’entité)
google-apps = Applications
google-attribute-mapping = Mappage des attributs
google-basic-information-primary-email = Informations de base > Adresse e-mail principale
google-certificate = Certificat
google-continue = Continuer
google-download-metadata = Télécharger les métadonnées
google-entity-id = ID d’entité
google-finish = Terminer
google-identity-provider-details = Informations sur le fournisseur d’identité Google
google-name-id = ID du nom
google-name-id-format = Format de l’ID du nom
google-on-for-everyone = ACTIVÉ pour tous
google-save = Enregistrer
google-service-provider-details = Informations sur le fournisseur de services
google-service-status = État du service
google-settings = Paramètres
google-sign-on-url = URL de connexion
google-step-1 = Dans la console d’administration Google, ouvrez *Applications > Applications Web et mobiles* et choisissez *Ajouter une application > Ajouter une application SAML personnalisée*.
google-step-2 = Saisissez un *Nom de l’application*, par exemple Vestibule, et cliquez sur *Continuer*.
google-step-3 = Sur la page *Informations sur le fournisseur d’identité Google*, cliquez sur *Télécharger les métadonnées* et gardez le fichier : c’est le « Fichier de métadonnées » demandé ici. Ou copiez *URL SSO*, *ID d’entité* et *Certificat* dans les champs « URL de connexion », « Identifiant de l’application (ID d’entité) » et « Certificat ». Cliquez ensuite sur *Continuer*.
google-step-4 = Sur la page *Informations sur le fournisseur de services*, collez nos valeurs et laissez *URL de démarrage* vide. Réglez *Format de l’ID du nom* sur *EMAIL* et *ID du nom* sur *Informations de base > Adresse e-mail principale*. Cliquez sur *Continuer*.
google-step-5 = Aucun *Mappage des attributs* n’est nécessaire : cliquez sur *Terminer*.
google-step-6 = Ouvrez *Accès des utilisateurs*, choisissez *ACTIVÉ pour tous* ou certains groupes, et cliquez sur *Enregistrer*. Google peut mettre quelques minutes à appliquer ce choix.
google-user-access = Accès des utilisateurs
google-web-and-mobile-apps = Applications Web et mobiles

## Guides: Okta

okta-admin-console = Okta Admin Console
okta-app-name = App name
okta-application-username = Application username
okta-applications = Applications
okta-assign = Assign
okta-assignments = Assignments
okta-audience-uri-sp-entity-id = Audience URI (SP Entity ID)
okta-certificate = Certificate
okta-configure-saml = Configure SAML
okta-copy = Copy
okta-create-a-new-app-integration = Create a new app integration
okta-create-app-integration = Create App Integration
okta-create-saml-integration = Create SAML Integration
okta-email = Email
okta-general = General
okta-general-settings = General Settings
okta-issuer = Issuer
okta-metadata-details = Metadata details
okta-metadata-url = Metadata URL
okta-name-id-format = Name ID format
okta-next = Next
okta-saml-settings = SAML Settings
okta-sign-in-method = Sign-in method
okta-sign-on = Sign On
okta-sign-on-url = Sign on URL
okta-single-sign-on-url = Single sign-on URL
okta-step-1 = Dans l’Okta Admin Console, ouvrez *Applications > Applications* et cliquez sur *Create App Integration*.
okta-step-2 = Choisissez *SAML 2.0* et cliquez sur *Next*.
okta-step-3 = Saisissez un *App name*, par exemple Vestibule, et cliquez sur *Next*.
okta-step-4 = Sous *SAML Settings*, collez nos valeurs. Laissez *Use this for Recipient URL and Destination URL* coché et *Default RelayState* vide. Réglez *Name ID format* sur *EmailAddress* et *Application username* sur *Email*. Sous *Show Advanced Settings*, laissez *Assertion Signature* sur *Signed* et *Assertion Encryption* sur *Unencrypted*.
okta-step-5 = Cliquez sur *Finish*. Dans l’onglet *Sign On*, sous *Metadata details*, copiez *Metadata URL* dans le champ « URL des métadonnées » ici. Ou cliquez sur *More details* et copiez *Sign on URL*, *Issuer* et *Signing Certificate* dans les champs « Sign on URL », « Issuer » et « Certificate ».
okta-step-6 = Dans l’onglet *Assignments*, cliquez sur *Assign* et choisissez les personnes ou les groupes qui doivent se connecter.

## Guides: Microsoft Entra ID

entra-add-user-group = Ajouter un utilisateur/groupe
entra-app-federation-metadata-url = URL des métadonnées de fédération d’application
entra-attributes-and-claims = Attributs et revendications
entra-basic-saml-configuration = Configuration SAML de base
entra-browse-microsoft-entra-gallery = Parcourir la galerie Microsoft Entra
entra-certificate-base64 = Certificat (en base64)
entra-copy = Copier
entra-create = Créer
entra-create-your-own-application = Créer votre propre application
entra-enterprise-applications = Applications d’entreprise
entra-formerly-azure-ad = anciennement Azure AD
entra-identifier-entity-id = Identificateur (ID d’entité)
entra-integrate-any-other-application = Intégrer une autre application
entra-login-url = URL de connexion
entra-manage = Gérer
entra-microsoft-entra-admin-center = Centre d’administration Microsoft Entra
entra-microsoft-entra-identifier = Identificateur Microsoft Entra
entra-new-application = Nouvelle application
entra-reply-url-assertion-consumer-service-url = URL de réponse (URL Assertion Consumer Service)
entra-saml-certificates = Certificats SAML
entra-save = Enregistrer
entra-select-a-single-sign-on-method = Sélectionner une méthode d’authentification unique
entra-single-sign-on = Authentification unique
entra-step-1 = Dans le Centre d’administration Microsoft Entra, ouvrez *Applications d’entreprise > Nouvelle application* et cliquez sur *Créer votre propre application*.
entra-step-2 = Donnez-lui un nom, par exemple Vestibule, choisissez *Intégrer une autre application que vous ne trouvez pas dans la galerie (non-galerie)* et cliquez sur *Créer*.
entra-step-3 = Ouvrez *Authentification unique* et choisissez *SAML*.
entra-step-4 = Dans la carte *Configuration SAML de base*, cliquez sur *Modifier*, collez nos valeurs et cliquez sur *Enregistrer*.
entra-step-5 = Dans la carte *Attributs et revendications*, laissez la revendication *emailaddress* sur *user.mail*, et assurez-vous que chaque personne a une adresse e-mail.
entra-step-6 = Dans la carte *Certificats SAML*, copiez *URL des métadonnées de fédération d’application* dans le champ « URL des métadonnées » ici. Ou téléchargez *Certificat (en base64)* et, dans la carte *Configurer Vestibule*, copiez *URL de connexion* et *Identificateur Microsoft Entra* dans les champs du même nom.
entra-step-7 = Sous *Utilisateurs et groupes*, cliquez sur *Ajouter un utilisateur/groupe* et choisissez qui doit se connecter.
entra-users-and-groups = Utilisateurs et groupes
entra-what-are-you-looking-to-do = Que voulez-vous faire avec votre application ?
entra-whats-the-name-of-your-app = Quel est le nom de votre application ?

## Guides: Keycloak

keycloak-admin-console = Console d’administration Keycloak
keycloak-advanced = Avancé
keycloak-also-red-hat-build = aussi la version de Red Hat
keycloak-assertion-consumer-service-post-binding = URL POST du service consommateur d’assertion
keycloak-certificate = Certificat
keycloak-client-details = Détails de client
keycloak-client-id = ID du client
keycloak-client-signature-required = Signature du client nécessaire
keycloak-client-type = Type de client
keycloak-clients = Clients
keycloak-create-client = Créer un client
keycloak-encrypt-assertions = Assertions de chiffrement
keycloak-entity-id-issuer = ID d’entité (émetteur)
keycloak-fine-grain-saml-endpoint-configuration = Configuration du point de terminaison SAML à granularité fine
keycloak-force-name-id-format = Forcer le format de l’ID du nom
keycloak-general = Général
keycloak-general-settings = Paramètres généraux
keycloak-keys = Clés
keycloak-login = Connexion
keycloak-login-settings = Paramètres de connexion
keycloak-name-id-format = Format de l’ID du nom
keycloak-next = Suivant
keycloak-off = Désactivé
keycloak-on = Activé
keycloak-realm-settings = Configurations du domaine
keycloak-saml-2-0-identity-provider-metadata = Métadonnées du fournisseur d’identités SAML 2.0
keycloak-save = Sauvegarder
keycloak-settings = Paramètres
keycloak-sign-assertions = Signer les assertions
keycloak-sign-on-url = URL de connexion
keycloak-signature-algorithm = Algorithme de signature
keycloak-step-1 = Dans votre domaine (realm), ouvrez *Clients* et cliquez sur *Créer un client*.
keycloak-step-2 = Réglez *Type de client* sur *SAML*, collez notre ID d’entité comme *ID du client* et cliquez sur *Suivant*.
keycloak-step-3 = Collez notre URL de rappel comme *URLs de redirection valides* et cliquez sur *Sauvegarder*.
keycloak-step-4 = Dans l’onglet *Paramètres*, réglez *Format de l’ID du nom* sur *email*, puis *Forcer le format de l’ID du nom* et *Signer les assertions* sur *Activé*, avec *Algorithme de signature* *RSA_SHA256*. Cliquez sur *Sauvegarder*.
keycloak-step-5 = Dans l’onglet *Clés*, réglez *Signature du client nécessaire* et *Assertions de chiffrement* sur *Désactivé*.
keycloak-step-6 = Dans l’onglet *Avancé*, sous *Configuration du point de terminaison SAML à granularité fine*, collez notre URL de rappel comme *URL POST du service consommateur d’assertion* et cliquez sur *Sauvegarder*.
keycloak-step-7 = Dans *Configurations du domaine > Général > Points de terminaison*, copiez l’adresse du lien *Métadonnées du fournisseur d’identités SAML 2.0* dans le champ « URL des métadonnées » ici. Si le domaine n’est accessible que depuis votre propre réseau, ouvrez le lien, enregistrez la page et chargez-la comme « Fichier de métadonnées ».
keycloak-valid-redirect-uris = URLs de redirection valides

## Guides: ADFS

adfs-actions = Actions
adfs-active-directory = Active Directory
adfs-ad-fs-management = Gestion AD FS
adfs-add = Ajouter
adfs-add-relying-party-trust = Ajouter une approbation de partie de confiance
adfs-advanced = Avancé
adfs-attribute-store = Magasin d’attributs
adfs-configure-identifiers = Configurer les identificateurs
adfs-configure-url = Configurer l’URL
adfs-data-source = Source de données
adfs-e-mail-address = Adresse de messagerie
adfs-e-mail-addresses = E-Mail-Addresses
adfs-edit-rule = Modifier la règle
adfs-email = E-mail
adfs-enable-support-for-the-saml-2-0-websso-p = Activer la prise en charge du protocole SAML 2.0 WebSSO
adfs-encryption = Chiffrement
adfs-endpoints = Points de terminaison
adfs-enter-data-about-the-relying-party-manua = Entrer manuellement les données relatives à la partie de confiance
adfs-federation-service-identifier = Identificateur du service de fédération
adfs-incoming-claim-type = Type de revendication entrante
adfs-ldap-attribute = Attribut LDAP
adfs-name-id = ID de nom
adfs-next = Suivant
adfs-ok = OK
adfs-on = Activé
adfs-on-windows-server = sur Windows Server
adfs-outgoing-claim-type = Type de revendication sortante
adfs-outgoing-claim-type-2 = Type de revendication sortante
adfs-outgoing-name-id-format = Format d’ID de nom sortant
adfs-relying-party-saml-2-0-sso-service-url = URL du service SSO SAML 2.0 de la partie de confiance
adfs-relying-party-trust-identifier = Identificateur d’approbation de partie de confiance
adfs-relying-party-trusts = Approbations de partie de confiance
adfs-secure-hash-algorithm = Algorithme de hachage sécurisé
adfs-select-data-source = Sélectionner une source de données
adfs-sign-on-url = URL de connexion
adfs-step-1 = Dans Gestion AD FS, ouvrez *Approbations de partie de confiance* et choisissez *Ajouter une approbation de partie de confiance*. Laissez *Prise en charge des revendications* et cliquez sur *Démarrer*.
adfs-step-2 = Choisissez *Entrer manuellement les données relatives à la partie de confiance* et cliquez sur *Suivant*. Saisissez un *Nom complet*, par exemple Vestibule, cliquez sur *Suivant* et ne choisissez aucun certificat de chiffrement.
adfs-step-3 = Sur la page *Configurer l’URL*, cochez *Activer la prise en charge du protocole SAML 2.0 WebSSO*, collez notre URL de rappel en dessous et cliquez sur *Suivant*.
adfs-step-4 = Sur la page *Configurer les identificateurs*, collez notre ID d’entité comme *Identificateur d’approbation de partie de confiance*, cliquez sur *Ajouter*, puis sur *Suivant*. Choisissez une stratégie de contrôle d’accès, qui détermine qui peut se connecter, et cliquez sur *Suivant* jusqu’à la fin.
adfs-step-5 = Dans *Modifier la stratégie d’émission de revendication*, cliquez sur *Ajouter une règle*, choisissez *Envoyer les attributs LDAP en tant que revendications*, le magasin *Active Directory*, et envoyez *E-Mail-Addresses* comme *Adresse de messagerie*.
adfs-step-6 = Cliquez encore une fois sur *Ajouter une règle* et choisissez *Transformer une revendication entrante* : *Adresse de messagerie* vers *ID de nom*, au format *E-mail*.
adfs-step-7 = Dans les *Propriétés* de l’approbation, dans l’onglet *Avancé*, assurez-vous que *Algorithme de hachage sécurisé* est réglé sur *SHA-256*.
adfs-step-8 = Ouvrez https://VOTRE-ADFS/FederationMetadata/2007-06/FederationMetadata.xml dans un navigateur et enregistrez-le : c’est le « Fichier de métadonnées » demandé ici. Si votre AD FS est accessible depuis Internet, saisissez plutôt cette adresse comme « URL des métadonnées ».
adfs-token-signing-certificate = Certificat de signature de jetons
adfs-vestibule-properties = Propriétés de Vestibule

## Guides: JumpCloud

jumpcloud-access = Access
jumpcloud-acs-urls-default-url = ACS URLs: Default URL
jumpcloud-add-new-application = Add New Application
jumpcloud-admin-portal = JumpCloud Admin Portal
jumpcloud-configure-sso-with-saml = Configure SSO with SAML
jumpcloud-copy-metadata-url = Copy Metadata URL
jumpcloud-custom-application = Custom Application
jumpcloud-declare-redirect-endpoint = Declare Redirect Endpoint
jumpcloud-display-label = Display Label
jumpcloud-general-info = General Info
jumpcloud-idp-certificate = IDP Certificate
jumpcloud-idp-entity-id = IdP Entity ID
jumpcloud-idp-url = IDP URL
jumpcloud-manage-single-sign-on-sso = Manage Single Sign-On (SSO)
jumpcloud-metadata = JumpCloud Metadata
jumpcloud-on = On
jumpcloud-samlsubject-nameid = SAMLSubject NameID
jumpcloud-samlsubject-nameid-format = SAMLSubject NameID Format
jumpcloud-save = Save
jumpcloud-save-application = Save Application
jumpcloud-signature-algorithm = Signature Algorithm
jumpcloud-sp-entity-id = SP Entity ID
jumpcloud-sso = SSO
jumpcloud-sso-applications = SSO Applications
jumpcloud-step-1 = Dans le JumpCloud Admin Portal, ouvrez *SSO Applications* et cliquez sur *Add New Application*.
jumpcloud-step-2 = Choisissez *Custom Application*, puis *Manage Single Sign-On (SSO)* avec *Configure SSO with SAML*. Saisissez un *Display Label*, par exemple Vestibule, cliquez sur *Save Application*, puis sur *Configure Application*.
jumpcloud-step-3 = Dans l’onglet *SSO*, saisissez un *IdP Entity ID*, par exemple l’adresse du site de votre entreprise suivie de /jumpcloud, et collez nos valeurs.
jumpcloud-step-4 = Réglez *SAMLSubject NameID* sur *email* et *SAMLSubject NameID Format* sur celui qui se termine par *emailAddress*. Laissez *Signature Algorithm* sur *RSA-SHA256* et *Sign* sur *Assertion*, cochez *Declare Redirect Endpoint* et cliquez sur *Save*.
jumpcloud-step-5 = Ouvrez à nouveau l’onglet *SSO* de l’application, cliquez sur *Copy Metadata URL* et collez l’adresse dans le champ « URL des métadonnées » ici. Ou copiez *IDP URL* et *IdP Entity ID*, et téléchargez le certificat sous *IDP Certificate Valid*.
jumpcloud-step-6 = Dans l’onglet *User Groups*, cochez les groupes dont les membres doivent se connecter, et cliquez sur *Save*.
jumpcloud-user-groups = User Groups

## Guides: OneLogin

onelogin-access = Access
onelogin-acs-consumer-url = ACS (Consumer) URL
onelogin-acs-consumer-url-validator = ACS (Consumer) URL Validator
onelogin-add-app = Add App
onelogin-administration = OneLogin Administration
onelogin-application-details = Application details
onelogin-applications = Applications
onelogin-assertion = Assertion
onelogin-audience-entityid = Audience (EntityID)
onelogin-by-one-identity = par One Identity
onelogin-configuration = Configuration
onelogin-default = Default
onelogin-display-name = Display Name
onelogin-email = Email
onelogin-enable-saml2-0 = Enable SAML2.0
onelogin-find-applications = Find Applications
onelogin-issuer-url = Issuer URL
onelogin-nameid-value = NameID value
onelogin-parameters = Parameters
onelogin-recipient = Recipient
onelogin-roles = Roles
onelogin-saml-2-0-endpoint-http = SAML 2.0 Endpoint (HTTP)
onelogin-saml-custom-connector-advanced = SAML Custom Connector (Advanced)
onelogin-saml-nameid-format = SAML nameID format
onelogin-saml-signature-algorithm = SAML Signature Algorithm
onelogin-saml-signature-element = SAML signature element
onelogin-save = Save
onelogin-search = Search
onelogin-sso = SSO
onelogin-step-1 = Dans OneLogin Administration, ouvrez *Applications > Applications* et cliquez sur *Add App*.
onelogin-step-2 = Recherchez *SAML Custom Connector (Advanced)*, choisissez-le, saisissez un *Display Name*, par exemple Vestibule, et cliquez sur *Save*.
onelogin-step-3 = Ouvrez *Configuration* et collez nos valeurs. Réglez *SAML initiator* sur *Service Provider*, *SAML nameID format* sur *Email* et *SAML signature element* sur *Assertion*, et cliquez sur *Save*.
onelogin-step-4 = Sous *Parameters*, assurez-vous que *NameID value* est réglé sur *Email*.
onelogin-step-5 = Sous *SSO*, réglez *SAML Signature Algorithm* sur *SHA-256* et cliquez sur *Save* : la valeur par défaut de OneLogin est SHA-1, qui est refusé ici. Copiez ensuite *Issuer URL* dans le champ « URL des métadonnées » ici : les métadonnées du fournisseur se trouvent à cette adresse.
onelogin-step-6 = Sous *Access*, choisissez les rôles dont les personnes doivent se connecter, et cliquez sur *Save*.
onelogin-x-509-certificate = X.509 Certificate

## Guides: any other provider

other-acs-url-callback-url-or-reply-url = URL ACS, URL de rappel ou URL de réponse
other-algorithm = Algorithme
other-any-that-speaks-saml-2-0 = tout fournisseur compatible avec SAML 2.0
other-applications = Applications
other-assertion = Assertion
other-assign-people-or-groups = Affecter des personnes ou des groupes
other-assignments = Affectations
other-certificate = Certificat
other-e-mail-address = Adresse e-mail
other-encrypt-assertion = Chiffrer l’assertion
other-entity-id-audience-or-sp-entity-id = ID d’entité, audience ou ID d’entité du SP
other-entity-id-issuer = ID d’entité (émetteur)
other-identity-provider = Fournisseur d’identité
other-metadata-url = URL des métadonnées
other-name-and-attributes = Nom et attributs
other-nameid = NameID
other-nameid-format = Format NameID
other-new-saml-2-0-application = Nouvelle application SAML 2.0
other-off = Désactivé
other-other = Autre
other-save = Enregistrer
other-service-provider = Fournisseur de services
other-sign = Signer
other-sign-on-url = URL de connexion
other-signature = Signature
other-step-1 = Créez une application SAML 2.0 chez votre fournisseur et collez nos valeurs. De nombreux fournisseurs lisent les deux dans nos métadonnées, qui se trouvent à l’adresse de notre ID d’entité.
other-step-2 = Configurez-la pour qu’elle envoie l’adresse e-mail comme NameID, ou dans un attribut nommé email.
other-step-3 = Configurez-la pour qu’elle signe l’assertion avec SHA-256, et désactivez le chiffrement de l’assertion.
other-step-4 = Copiez l’adresse de ses métadonnées dans le champ « URL des métadonnées » ici, ou chargez les métadonnées depuis un fichier. Ou copiez son URL d’authentification unique pour HTTP-Redirect, son ID d’entité et son certificat de signature.
other-step-5 = Affectez l’application aux personnes qui doivent se connecter.
other-the-persons-e-mail-address = L’adresse e-mail de la personne
other-your-identity-provider = Votre fournisseur d’identité

## Console: the pictures of guides

picture-copy = copier
picture-copy-metadata-url = copier, pour URL des métadonnées
picture-field = { $label } : { $value }
picture-file = cliquez sur { $label } : { $value }
picture-keep-metadata-file = garder, pour Fichier de métadonnées
picture-press = cliquez sur { $name }
picture-screen = { $window }, { $where }

## Console: details of the audit log

detail-added-by = Ajouté par
detail-applications = Applications
detail-assertion = Déclaration signée sur la personne
detail-auth-mode = Connexion des membres par
detail-backchannel-logout-uri = URI de déconnexion back-channel
detail-certificates = Certificats
detail-client-type = Type de client
detail-codes-left = Codes de récupération restants
detail-counts = Totaux
detail-default-level = Niveau par défaut
detail-days = Jours restants
detail-ends = Autres effets
detail-expires-at = Expiration
detail-fingerprint = Empreinte
detail-force-authn = Nouvelle authentification exigée
detail-from = De
detail-grants = Connexions terminées
detail-hosts = Hôtes
detail-id = ID
detail-idp-entity-id = ID d’entité du fournisseur
detail-invitation-hours = Validité des invitations (heures)
detail-keeps = Conservent l’accès
detail-keys = Clés
detail-kind = Type
detail-levels = Niveaux
detail-lines = Entrées
detail-logo = Logo
detail-loses = Perdent l’accès
detail-metadata-url = URL des métadonnées
detail-methods = Méthodes
detail-name = Nom
detail-name-id-format = Format NameID
detail-not-after = Fin de validité
detail-path = Chemin
detail-pending = Lien pas encore utilisé
detail-people = Personnes
detail-pkce-optional = PKCE facultatif
detail-plan = Offre
detail-post-logout-redirect-uris = URI de redirection après déconnexion
detail-provider = Fournisseur
detail-reason = Motif
detail-redirect-uris = URI de redirection
detail-reference = Référence
detail-require = Exige
detail-role = Rôle
detail-rules = Règles
detail-scopes = Autorisations
detail-session-days = Durée des sessions (jours)
detail-session-idle-hours = Inactivité des sessions (heures)
detail-sessions = Sessions déconnectées
detail-sign-on-url = URL de connexion
detail-sign-requests = Requêtes signées
detail-signing = Algorithme de signature
detail-source = Source
detail-to = À
detail-token-auth = Authentification du client
detail-url = URL
detail-value-custom = Autre fournisseur
detail-value-entra = Microsoft Entra ID
detail-value-false = non
detail-value-google = Google Workspace
detail-value-link = Lien
detail-value-manage-applications = Gérer les applications
detail-value-manage-members = Gérer les membres
detail-value-manage-sso = Gérer le SSO
detail-value-none = aucune valeur
detail-value-okta = Okta
detail-value-operator = Opérateur
detail-value-password = Mot de passe
detail-value-password-or-saml = Mot de passe ou SAML
detail-value-proxy = Derrière un proxy
detail-value-read = Lire
detail-value-saml = SAML
detail-value-true = oui

## Console: operators

operators-add = Ajouter l’opérateur
operators-add-title = Ajouter { $email } comme opérateur ?
operators-added = { $email } est maintenant opérateur, et pourra se connecter après avoir défini un mot de passe avec son lien.
operators-added-pending = { $email } deviendra opérateur après avoir ouvert son lien et saisi son mot de passe actuel.
operators-email-hint = La personne reçoit un lien à usage unique. Si elle a déjà un compte, elle en garde le mot de passe, qui lui sert à confirmer.
operators-keys = Clés d’API avec les droits d’opérateur
operators-keys-lead = Elles permettent tout ce qu’un opérateur peut faire dans { $api }, sauf nommer un opérateur.
operators-lead = Les opérateurs gèrent Vestibule : toutes les organisations, les offres et les e-mails.
operators-link-below = Le lien à transmettre se trouve sous « Nouvel opérateur ».
operators-link-mailed = Nous lui avons envoyé le lien par e-mail.
operators-link-password = { $email } : définit son mot de passe
operators-link-pending = { $email } : en fait un opérateur, avec son mot de passe actuel
operators-links = Lien à usage unique pour un opérateur
operators-links-lead = Transmettez le lien vous-même : il fonctionne une seule fois et ne sera plus affiché.
operators-new = Nouvel opérateur
operators-new-password = Exiger un nouveau mot de passe
operators-new-password-hint = Si la personne a un compte, son mot de passe et ses sessions sont immédiatement invalidés.
operators-password-link = Lien de mot de passe
operators-password-link-of = Lien de mot de passe pour { $email }
operators-password-none = pas encore
operators-password-set = défini
operators-pending = Lien pas encore utilisé
operators-remove = Retirer l’opérateur
operators-remove-lead = Cette personne perd ses droits d’opérateur, et les liens qu’elle a créés comme opérateur cessent de fonctionner. Elle reste membre de ses organisations.
operators-remove-title = Retirer à { $email } le statut d’opérateur ?
operators-removed = { $email } n’est plus opérateur.
operators-sessions-end =
    { $count ->
        [one] { $count } de ses sessions prend fin immédiatement.
       *[other] { $count } de ses sessions prennent fin immédiatement.
    }
operators-withdraw = Annuler le lien
operators-withdraw-lead = Son lien cesse de fonctionner, et la personne ne devient pas opérateur. Son compte reste inchangé.
operators-withdraw-title = Annuler le lien de { $email } ?
operators-withdrawn = Le lien de { $email } ne fonctionne plus.

## Console: requests that failed

api-answered = Le serveur a répondu { $status }. Réessayez.
api-not-confirmed = Rien n’a été modifié : vous n’avez pas confirmé votre identité.
api-offline = Le serveur est injoignable. Vérifiez votre connexion Internet et réessayez.
app-not-loaded = Page non chargée
app-scripts = Vous pouvez vous connecter sans JavaScript, mais la console en a besoin.
missing-home = Aller à l’accueil
missing-title = Page introuvable

## Page: your account

account-browser = Navigateur
account-by-recovery = Vous vous êtes connecté par récupération, ce qui donne accès aux paramètres de connexion de votre organisation, mais pas aux vôtres.
account-by-saml = Vous vous êtes connecté avec votre fournisseur d’identité.
account-by-something-else = Vous ne vous êtes pas connecté avec votre propre mot de passe.
account-change-password = Changer le mot de passe
account-end = Fermer
account-end-all = Fermer toutes les autres
account-end-all-lead = Vous restez connecté ici. Partout ailleurs, vous devrez vous reconnecter :
account-end-all-title = Fermer toutes les autres sessions ?
account-end-of = Fermer la session du { $at }
account-ended = La session est fermée.
account-ended-all = Vos autres sessions sont fermées.
account-last-used = dernière utilisation : { $at }
account-last-used-from = { $address }, dernière utilisation : { $at }
account-new-browser = M’envoyer un e-mail lorsque quelqu’un se connecte à mon compte depuis un nouveau navigateur
account-new-browser-always = Toujours activé pour les opérateurs et les administrateurs d’organisation.
account-new-browser-hint = Un navigateur est nouveau tant que vous ne vous y êtes pas connecté une première fois.
account-new-browser-no-mail = Cette installation n’envoie pas d’e-mail. Ce réglage prendra effet lorsqu’un serveur de messagerie sera configuré.
account-opens = Donne accès à
account-opens-no-organisation = Aucune organisation, par { $methods }
account-opens-nothing = Rien pour le moment
account-password-changed = Votre mot de passe est modifié. Vos autres sessions sont fermées.
account-password-refused =
    { $count ->
        [one] Votre nom, votre mot de passe et vos préférences d’e-mail valent pour toutes les organisations : vous ne pouvez les modifier qu’après vous être connecté avec votre propre mot de passe. { $names } ne l’accepte pas : vous ne pouvez donc pas les modifier ici ; ses administrateurs vous connaissent sous l’adresse { $email }. Si vous appartenez à une autre organisation qui accepte votre mot de passe, connectez-vous à celle-ci pour les modifier.
       *[other] Votre nom, votre mot de passe et vos préférences d’e-mail valent pour toutes les organisations : vous ne pouvez les modifier qu’après vous être connecté avec votre propre mot de passe. { $names } ne l’acceptent pas : vous ne pouvez donc pas les modifier ici ; leurs administrateurs vous connaissent sous l’adresse { $email }. Si vous appartenez à une autre organisation qui accepte votre mot de passe, connectez-vous à celle-ci pour les modifier.
    }
account-password-wanted = Vous pouvez changer ici votre langue et les couleurs, et fermer vos autres sessions.
account-password-wanted-for = Votre nom, votre mot de passe et vos préférences d’e-mail valent pour toutes les organisations. Pour les modifier, connectez-vous avec votre propre mot de passe ({ $link }). Si vous n’avez pas de mot de passe, vous n’en avez pas besoin ici : les administrateurs de votre organisation vous connaissent sous l’adresse { $email }.
account-saved = Vos paramètres sont enregistrés.
account-sessions = Sessions
account-sessions-lead = Là où vous êtes connecté. Fermez toute session que vous ne reconnaissez pas.
account-signed-in = Connexion
account-this-session = Cette session
account-you = Vous

## Page: an application

application-delete = Supprimer l’application
application-delete-lead = Plus personne ne peut l’ouvrir, et ses paramètres sont supprimés. Cette action est irréversible.
application-deleted = L’application { $name } est supprimée.
application-host = Nom d’hôte
application-sessions = Qui est connecté
application-sessions-none = Personne n’est connecté à cette application.
application-since = Depuis

## Page: applications of a workspace

application-open = Ouvrir
application-open-named = Ouvrir { $name }
application-settings-of = Paramètres de { $name }
applications-lead = Les logiciels de votre entreprise. Les membres de l’espace de travail les trouvent sur leur page d’accueil.
applications-none = Aucune application pour l’instant. Ajoutez la première ci-dessous.

## Page: sign-ins through SSO

attempt-attributes = Attributs
attempt-certificate = Certificat correspondant, SHA-256
attempt-hidden = masqué par un réglage du serveur
attempt-message = Le message
attempt-message-lead = Tel que reçu, sans les signatures, les certificats et la plupart de ses identifiants, pour qu’il ne puisse pas resservir.
attempt-no-attributes = Le message ne contient pas d’attributs : la personne est identifiée par le NameID.
attempt-of = { $at }, { $email }.
attempt-of-nobody = { $at }, aucune personne identifiée, car la réponse a été refusée.
attempt-named = Connexion { $reference }
attempt-said = Ce que le fournisseur a répondu
attempt-title = Connexion SSO
attempts-find = Rechercher une connexion
attempts-lead = De la plus récente à la plus ancienne. Chaque personne refusée a vu une référence : ouvrez-la pour savoir pourquoi, et ce qu’il faut modifier.
attempts-none = Personne n’a encore essayé de se connecter via le SSO.
attempts-none-found = Aucune connexion n’a cette référence. Vérifiez-en l’orthographe. Les réponses non sollicitées et les connexions antérieures à la trace ne sont pas listées.
attempts-older = Afficher les connexions plus anciennes
attempts-reference-hint = Le code affiché à la personne refusée, par exemple ABC123.
attempts-show-all = Tout afficher
attempts-untraced =
    { $count ->
        [one] { $count } autre réponse a été refusée, car elle ne répond à aucune de nos requêtes. Elle n’est pas listée.
       *[other] { $count } autres réponses ont été refusées, car elles ne répondent à aucune de nos requêtes. Elles ne sont pas listées.
    }

## Page: the audit log

audit-activity = Activité
audit-chart-cut = Le graphique ne montre que les 90 derniers jours.
audit-filter-deleted = Un espace de travail supprimé
audit-faults = Corrigez les erreurs signalées ci-dessus pour voir le journal.
audit-filters = Filtres
audit-from = Du
audit-from-after-to = La date « Au » précède la date « Du » : inversez-les.
audit-kind = Type
audit-kind-hint = Ce qui a été modifié.
audit-lead = Qui a fait quoi ici, du plus récent au plus ancien. Le journal ne peut pas être modifié.
audit-lead-everywhere = Qui a fait quoi dans toutes les organisations et sur l’installation, du plus récent au plus ancien. Le journal ne peut pas être modifié.
audit-lines = Journal
audit-name-hint = Une partie du nom suffit.
audit-no-organisation = aucune
audit-no-match = Rien dans le journal ne correspond à ces filtres. Modifiez-les ou effacez-les.
audit-person-hint = L’auteur de l’action : une partie de son nom ou de son adresse e-mail suffit, ou du nom d’une clé d’API.
audit-ranges = Périodes prédéfinies
audit-show = Afficher
audit-to = Au
audit-today = Aujourd’hui

## Page: branding

branding-lead = Le nom et le logo de cette installation : sur la page de connexion, dans les e-mails, et pour les organisations qui n’ont pas les leurs.

## Page: home, with the choice of a workspace

chooser-all-of-them = toutes les organisations
chooser-lead = Choisissez un espace de travail.
chooser-manage = Gérer l’organisation
chooser-no-workspace = Vous n’appartenez à aucun de ses espaces de travail.
chooser-nowhere = Vous n’appartenez à aucune organisation. Demandez une invitation à un administrateur.
chooser-nowhere-operator = Vous n’appartenez à aucune organisation. En tant qu’opérateur, vous pouvez ouvrir { $all }.
chooser-welcome = Bienvenue, { $name }

## Page: identity confirmed in another tab

confirmed-home = Aller à la page d’accueil
confirmed-lead = Votre modification se poursuit dans l’autre onglet. Vous pouvez fermer celui-ci.
confirmed-title = Identité confirmée

## Page: the API

developers-ask-admin = Les programmes s’identifient avec une clé d’API : un administrateur de l’organisation en crée une sous « Clés d’API » ; placez-la dans la variable { $variable }, puis essayez ceci. La réponse indique ce à quoi la clé donne accès.
developers-command = Une première commande
developers-command-copied = la première commande
developers-example = invitation
developers-find = Rechercher une opération
developers-in-english = Les descriptions des opérations sont en anglais.
developers-make-key = Les programmes s’identifient avec une clé d’API : { $link }, placez-la dans la variable { $variable }, puis essayez ceci. La réponse indique ce à quoi la clé donne accès.
developers-make-key-link = créez-en une pour { $name }
developers-none = Aucune opération ne correspond.
developers-openapi = Pour les générateurs et autres outils, tout ceci se trouve dans { $link }, au format OpenAPI 3.1.
developers-start = Commencer ici
developers-title = API

## Page: the doctor

doctor-appliance = L’installation
doctor-arrived = Comment elle est arrivée
doctor-came-from = Provenance
doctor-check-callback = URL de rappel
doctor-check-certificate = certificat
doctor-check-clock = horloge
doctor-check-copy = copie
doctor-check-data-folder = dossier des données
doctor-check-database = base de données
doctor-check-integrity = intégrité
doctor-check-job = tâche de fond
doctor-check-jobs = tâches de fond
doctor-check-linked = bibliothèques
doctor-check-mail = serveur de messagerie
doctor-check-mail-queue = file d’attente des e-mails
doctor-check-metadata = métadonnées
doctor-check-open-files = fichiers ouverts
doctor-check-proxy = proxy
doctor-check-public-url = URL publique
doctor-check-schema = schéma
doctor-check-skew = écart d’horloge
doctor-check-transactions = journal des transactions
doctor-command = La commande { $command } affiche la même chose.
doctor-elsewhere-change = Si l’adresse que vous avez utilisée est la bonne, démarrez Vestibule avec { $option } ; sinon, communiquez l’autre aux utilisateurs.
doctor-every-minutes =
    { $count ->
        [one] au moins toutes les minutes
       *[other] au moins toutes les { $count } minutes
    }
doctor-every-seconds =
    { $count ->
        [one] au moins toutes les secondes
       *[other] au moins toutes les { $count } secondes
    }
doctor-fine = Correct
doctor-finding = { $check } : { $found }
doctor-healthy = Aucun problème
doctor-job = Tâche
doctor-jobs = Tâches de fond
doctor-last-failure = Dernier échec
doctor-last-run = Dernière exécution
doctor-lead = Vérifie tout ce qui peut poser problème dans Vestibule, et dit ce qu’il faut faire.
doctor-line-copied = la ligne pour { $proxy }
doctor-next-by = au plus tard le { $at }
doctor-next-run = Prochaine exécution
doctor-next-soon = peu après le démarrage
doctor-no-failure = aucun depuis le démarrage
doctor-not-run = Pas encore exécutée
doctor-not-sent = non envoyé
doctor-peer-trusted = { $peer }, un proxy de confiance
doctor-peer-untrusted = { $peer }, pas un proxy de confiance
doctor-request = Votre propre requête, à l’instant
doctor-request-fine = Elle était adressée à { $public }, comme il se doit.
doctor-succeeded = Réussite
doctor-unhealthy = Il y a un problème
doctor-wrong = Problème

## Page: forgotten password

forgot-asked = Si un compte a cette adresse, un lien vient d’être envoyé. Il fonctionne pendant 24 heures. Si votre organisation exige l’authentification unique, l’e-mail indique où se connecter.
forgot-back = Retour à la connexion
forgot-by-hand = Cette installation n’envoie pas d’e-mail. Demandez à un opérateur, la personne qui la gère, un lien pour définir un nouveau mot de passe. Si vous n’en connaissez pas, adressez-vous à un administrateur de votre organisation.
forgot-lead = Saisissez votre adresse e-mail pour recevoir un lien qui définit un nouveau mot de passe.
forgot-no-password = Si votre organisation exige l’authentification unique, vous n’avez pas besoin de mot de passe : { $link }.
forgot-no-password-link = connectez-vous via le SSO
forgot-send = Envoyer le lien

## Page: accepting an invitation

accept-account-found = Il existe déjà un compte pour { $email }. Saisissez son mot de passe, et non un nouveau.
accept-choose-password = Choisissez un mot de passe
accept-continue-sso = Continuer via le SSO
accept-ends-session = Vous êtes connecté avec le compte { $email }. Accepter l’invitation vous en déconnecte.
accept-forgot = Mot de passe oublié, ou pas de mot de passe ?
accept-forgot-by-hand = { $question } Si vous ne vous êtes connecté qu’avec l’authentification unique d’une autre organisation, votre compte n’a pas encore de mot de passe. Cette installation n’envoie pas d’e-mail : demandez à la personne qui vous a invité d’obtenir d’un opérateur de cette installation un lien de mot de passe pour { $email }. Définissez un mot de passe avec ce lien, puis ouvrez à nouveau cette invitation.
accept-forgot-with-mail = { $question } Si vous ne vous êtes connecté qu’avec l’authentification unique d’une autre organisation, votre compte n’a pas encore de mot de passe. Le lien de notre e-mail permet d’en définir un ; revenez ensuite à cette page.
accept-have-account = J’ai déjà un compte
accept-have-none = Je n’ai pas encore de compte
accept-join = Rejoindre { $organisation }
accept-lead = { $email } est invité à rejoindre { $workspace } avec le rôle { $role }. L’invitation est valable jusqu’au { $at }.
accept-no-account = Il n’y a pas de compte pour cette adresse. Indiquez votre nom et choisissez un mot de passe.
accept-only-sso = { $organisation } utilise uniquement l’authentification unique. Votre première connexion vaut acceptation de l’invitation.
accept-or-sso = Une connexion à { $organisation } via l’authentification unique vaut acceptation de l’invitation ; vous n’avez pas besoin de mot de passe.
accept-other-onward = Continuer en tant que { $reader }
accept-other-person = Vous vous êtes connecté en tant que { $reader }. L’invitation est destinée à { $email } et reste ouverte.
accept-over = Une invitation fonctionne une seule fois, jusqu’à son expiration ou à l’envoi d’une nouvelle. Si vous ne l’avez pas encore acceptée, demandez à la personne qui vous a invité de la renvoyer.
accept-over-joined = Si vous l’avez déjà acceptée, connectez-vous.
accept-over-onward = Continuer
accept-over-signed-in = Vous êtes connecté avec le compte { $email }. Si vous avez déjà accepté cette invitation, continuez.
accept-over-title = Cette invitation ne fonctionne plus
accept-password = Saisissez le mot de passe de votre compte { $email } pour rejoindre { $organisation }.
accept-signed-in-sso = Vous êtes connecté via l’authentification unique, qui ne donne accès qu’à l’organisation dont elle dépend.

## Page: API keys

keys-choose-one = Choisissez-en au moins une.
keys-lead = Avec une clé, les programmes utilisent { $api } au nom de cette organisation. Le mode SAML exclusif ne concerne pas les clés : elles continuent de fonctionner.
keys-list = Clés
keys-manage-members-hint = Inviter des personnes, changer les rôles, révoquer l’accès.
keys-manage-sso = Gérer le SSO
keys-manage-sso-hint = Modifier la configuration de l’authentification unique.
keys-manage-applications = Gérer les applications
keys-manage-applications-hint = Ajouter, modifier et supprimer des applications.
keys-permissions = Autorisations
keys-read-hint = Voir les personnes, les espaces de travail, les paramètres et le journal d’audit.
keys-scopes = Ce qu’elle peut faire

## Page: the mail queue

mails-accepted = Le serveur de messagerie a accepté l’e-mail.
mails-certificate-expiring = Expiration d’un certificat
mails-certificate-found = Nouveau certificat
mails-connection-waiting = SSO prêt à être testé
mails-discard = Abandonner
mails-discard-action = Abandonner l’e-mail
mails-discard-lead = « { $subject } » ne sera pas envoyé, ni le lien qu’il contient : créez-en un nouveau si nécessaire.
mails-discard-of = Abandonner l’e-mail à { $email }
mails-discard-title = Abandonner l’e-mail à { $email } ?
mails-discarded = L’e-mail à { $email } est abandonné.
mails-done = Terminé
mails-due = À envoyer maintenant
mails-given-up = Échec définitif
mails-kind-and-person = { $kind }, à { $email }
mails-lead = Les e-mails en attente d’envoi, du plus ancien au plus récent.
mails-next = Prochain essai : { $at }
mails-no-server = Aucun serveur de messagerie n’est configuré : rien n’est envoyé.
mails-no-server-lead = Les personnes qui invitent ou qui créent un lien de mot de passe le transmettent elles-mêmes.
mails-no-server-start = Pour envoyer des e-mails, démarrez Vestibule avec l’adresse de votre serveur de messagerie, par exemple :
mails-no-server-tls = Utilisez { $tls } au lieu de { $plain } pour du TLS dès le premier octet.
mails-none = Aucun e-mail en attente.
mails-not-sent = L’e-mail n’a pas été envoyé.
mails-not-tried = pas encore essayé
mails-reset = Mot de passe oublié
mails-retry = Réessayer maintenant
mails-retry-of = Réessayer maintenant l’e-mail à { $email }
mails-retrying = Nouvel essai d’envoi de l’e-mail à { $email }.
mails-backup-late = Sauvegarde manquante
mails-saml-reminder = Rappel SSO
mails-send-test = Envoyer un e-mail de test
mails-sending = Envoi…
mails-sent-from = Il a été envoyé depuis { $from } par { $server }. S’il n’arrive pas, vérifiez le dossier de courrier indésirable.
mails-test = Tester le serveur de messagerie
mails-test-hint = Envoie maintenant un e-mail de test à cette adresse et rend compte de chaque étape.
mails-tried =
    { $count ->
        [one] { $count } essai
       *[other] { $count } essais
    }
mails-tried-why = { $tried } : { $error }
mails-waiting = En attente
mails-waiting-list = E-mails en attente
mails-waiting-since = En attente depuis
mails-what-to-do = Ce qu’il faut faire.

## Page: members of a workspace

members-admin-may = Un Admin peut tout faire dans l’espace de travail.
members-command-name = Nom dans les commandes : { $name }
members-command-name-copied = le nom dans les commandes
members-invite = Inviter des personnes
members-loss =
    { $keeps ->
        [both] { $name } perd l’accès à { $workspace }, reste dans { $others } et reste administrateur de l’organisation.
        [others] { $name } perd l’accès à { $workspace } et reste dans { $others }.
        [admin] { $name } perd l’accès à { $workspace } et reste administrateur de l’organisation.
        [admin-unseen] { $name } perd l’accès à { $workspace } et reste administrateur de l’organisation. Cette personne garde ses autres espaces de travail.
        [unseen] { $name } perd l’accès à { $workspace }. Cette personne garde ses autres espaces de travail.
       *[nothing] { $name } perd l’accès à { $workspace } et à tout le reste dans { $organisation }.
    }
members-loss-own =
    { $keeps ->
        [both] Vous perdez l’accès à { $workspace }, restez dans { $others } et restez administrateur de l’organisation.
        [others] Vous perdez l’accès à { $workspace } et restez dans { $others }.
        [admin] Vous perdez l’accès à { $workspace } et restez administrateur de l’organisation.
       *[nothing] Vous perdez l’accès à { $workspace } et à tout le reste dans { $organisation }.
    }
members-make = Attribuer le rôle { $role }
members-make-title = Attribuer à { $name } le rôle { $role } dans { $workspace } ?
members-made = { $name } a maintenant le rôle { $role }.
members-none = Aucun membre pour l’instant. Invitez le premier ci-dessous.
members-organisation-admins-may = Les administrateurs de l’organisation créent aussi des espaces de travail et gèrent les personnes, l’authentification unique et la sécurité.
members-power-user-may = Un utilisateur avancé peut tout faire, sauf modifier les paramètres et les membres.
members-question-accounts = Vestibule crée-t-il automatiquement un compte à la première connexion SSO ?
members-question-accounts-answer = Non. Il n’y a pas de création de comptes à la volée. Les personnes que votre fournisseur d’identité identifie ne peuvent se connecter que si elles sont membres de { $organisation }, ou avec une invitation qui n’a pas expiré : leur première connexion SSO l’accepte alors. Toutes les autres sont renvoyées vers un administrateur, et aucun compte n’est créé. Invitez donc d’abord les personnes ici.
members-question-revoke = Que se passe-t-il quand je révoque l’accès d’une personne ?
members-question-revoke-answer = Elle quitte cet espace de travail et est immédiatement déconnectée de { $organisation }. Une fois sortie de son dernier espace de travail, elle n’est plus membre et sa connexion est refusée, même si votre fournisseur d’identité l’autorise encore.
members-question-roles = Que permet chaque rôle ?
members-questions = Questions
members-remove-of = Retirer de l’organisation : { $email }
members-revoke-action = Révoquer l’accès
members-revoke-of = Révoquer l’accès de { $email }
members-revoke-own-title = Révoquer votre propre accès ?
members-revoke-title = Révoquer l’accès de { $email } ?
members-revoked = { $email } n’est plus membre de { $workspace }.
members-role-of = Rôle de { $email }

## Page: custom roles

level-change = { $application } : { $to } au lieu de { $from }
level-changes =
    { $count ->
        [one] Le niveau de { $count } personne change dès la requête suivante.
       *[other] Les niveaux de { $count } personnes changent dès la requête suivante.
    }
level-changes-list = Niveaux modifiés
level-changes-more =
    { $count ->
        [one] et { $count } autre
       *[other] et { $count } autres
    }
level-changes-none = Aucun niveau ne change.
members-custom-role-may = Un rôle personnalisé donne un niveau dans chaque application et ne permet pas de modifier les paramètres ni les membres.
roles = Rôles
roles-add = Ajouter un rôle
roles-add-lead = Un rôle personnalisé donne un niveau dans chaque application. Il ne permet jamais de gérer les membres ni les paramètres.
roles-built-in = Intégré
roles-create = Ajouter le rôle
roles-created = Le rôle { $role } est ajouté. Définissez ses niveaux ci-dessus, et attribuez-le à des personnes sous Personnes ou Membres.
roles-default = Niveau par défaut
roles-default-hint = Dans toutes les applications pour lesquelles le rôle n’a pas de niveau propre, y compris les nouvelles.
roles-default-of = Niveau par défaut de { $role }
roles-default-title = Donner à { $role } le niveau par défaut { $level } ?
roles-in-use =
    { $members ->
        [0] { $invitations ->
            [one] { $invitations } invitation en attente donne ce rôle.
           *[other] { $invitations } invitations en attente donnent ce rôle.
        }
        [one] { $members } membre a ce rôle.
       *[other] { $members } membres ont ce rôle.
    }
roles-lead = Le niveau que chaque rôle donne dans les applications d’un espace de travail.
roles-level-change = Modifier le niveau
roles-level-changed = Les niveaux de { $role } sont modifiés.
roles-level-default = Par défaut ({ $level })
roles-level-of = Niveau de { $role } dans { $application }
roles-level-title = Donner à { $role } le niveau { $level } dans { $application } ?
roles-matrix = Les rôles et leurs niveaux
roles-new-name = Nouveau nom
roles-no-applications = L’espace de travail { $workspace } n’a pas encore d’application.
roles-remove = Supprimer le rôle
roles-remove-of = Supprimer le rôle { $role }
roles-remove-title = Supprimer le rôle { $role } ?
roles-removed = Le rôle { $role } est supprimé.
roles-rename-of = Renommer { $role }
roles-renamed = Le rôle est renommé. Les applications reçoivent toujours le même nom court.
roles-replace-by = Rôle que reçoivent ses membres et ses invitations
roles-workspace = Applications de l’espace de travail

## Page: settings of an organisation

organisation-delete = Supprimer l’organisation
organisation-delete-lead = Supprime l’organisation et tout ce qu’elle contient. Cette action est irréversible.
organisation-name = Nom de l’organisation
organisation-name-save = Enregistrer le nom
organisation-name-saved = Le nom est enregistré.
organisation-plan-and-size = Offre et taille
organisation-plan-now = { $plan } (actuelle)
organisation-settings = Paramètres de l’organisation
organisation-signing-in = Connexion
organisation-switch-effect = Ce qui change avec l’offre { $plan }
organisation-switch-lead = Choisissez une autre offre pour voir qui conserve et qui perd l’accès. Rien ne change tant que vous n’avez pas cliqué sur le bouton qui s’affiche alors.
organisation-switch-to = Passer à l’offre { $plan }
organisation-switched = { $name } a maintenant l’offre { $plan }.

## Page: all organisations

organisations-admin-email = Adresse e-mail de son premier administrateur
organisations-admin-email-hint = Cette personne reçoit une invitation et devient administrateur de l’organisation.
organisations-create = Créer l’organisation
organisations-created = L’organisation { $name } est créée, avec son premier espace de travail.
organisations-first-matches = Les { $count } premiers résultats, par nom.
organisations-lead = Toutes les organisations.
organisations-matches =
    { $count ->
        [one] { $count } résultat, par nom.
       *[other] { $count } résultats, par nom.
    }
organisations-new = Nouvelle organisation
organisations-no-match = Aucune organisation ne correspond à « { $search } ».
organisations-none = Aucune organisation pour l’instant. Créez la première ci-dessous.
organisations-people-of = Personnes de { $name }
organisations-saml-only = SAML exclusif
organisations-search-hint = Rechercher par nom
organisations-search-label = Rechercher des organisations par nom
organisations-shown = { $count } sur { $all }, par nom.
organisations-sso = SSO
organisations-switch-plan-of = Changer d’offre pour { $name }

## Page: people of an organisation

people-demote = Retirer comme administrateur
people-demote-of = Retirer comme administrateur : { $email }
people-demote-title = Retirer à { $email } le statut d’administrateur de l’organisation ?
people-demoted = { $email } n’est plus administrateur de l’organisation.
people-invite-choose = Choisissez au moins un espace de travail.
people-invite-many = Pour inviter plusieurs personnes à la fois ou voir les invitations en attente, ouvrez les membres d’un espace de travail sous { $workspaces }.
people-invite-refused = Pour { $workspace } : { $why }
people-invited = Invitation créée pour { $email }, pour { $workspaces }.
people-join = Les personnes rejoignent l’organisation par une invitation à un espace de travail.
people-lead = Toutes les personnes, dans tous les espaces de travail.
people-link-above = Le lien de mot de passe pour { $email } se trouve en haut de cette page.
people-links =
    { $count ->
        [one] Lien de mot de passe
       *[other] Liens de mot de passe
    }
people-links-lead = Transmettez vous-même le lien de mot de passe : il définit un nouveau mot de passe, fonctionne une seule fois et ne sera plus affiché.
people-none = Il n’y a encore personne ici. Invitez des personnes ci-dessous.
people-place = { $name } ({ $role })
people-promote = Nommer administrateur
people-promote-of = Nommer administrateur : { $email }
people-promote-title = Nommer { $name } administrateur de l’organisation { $organisation } ?
people-promoted = { $email } est maintenant administrateur de l’organisation.
people-remove-of = Retirer { $email } de l’organisation
people-sessions = Sessions
people-sessions-of = Sessions de { $email }

## Page: plans

plans-by-organisation = Par organisation
plans-changed = L’offre { $name } est modifiée.
plans-edit = Modifier l’offre
plans-edit-title = Modifier l’offre { $name } ?
plans-lead = Chaque organisation a une offre. Changez-la dans les { $link } : les conséquences pour les personnes sont d’abord affichées.
plans-lead-link = paramètres de l’organisation
plans-mails = Invitations et rappels par e-mail
plans-max-mails = Nombre maximal d’e-mails par jour
plans-max-mails-hint = Invitations et rappels d’une organisation. Laissez vide s’il n’y a pas de limite.
plans-max-people = Nombre maximal de personnes
plans-max-workspaces = Nombre maximal d’espaces de travail
plans-members-sign-in = Connexion des membres
plans-mode = Connexion des membres par
plans-no-limit = Sans limite
plans-nothing-changed = Rien n’a changé.
plans-on-this-plan =
    { $count ->
        [one] { $count } organisation avec cette offre
       *[other] { $count } organisations avec cette offre
    }
plans-password-or-saml = Mot de passe ou SAML
plans-people = Personnes dans une organisation
plans-preview = Prévisualiser les changements
plans-reason = { $name } : { $reason }
plans-saml = SAML
plans-sessions-end = Fin des sessions
plans-unlimited = sans limite
plans-up-to-mails = Jusqu’à { $limit } par jour
plans-up-to-people =
    { $limit ->
        [one] Jusqu’à { $limit } personne
       *[other] Jusqu’à { $limit } personnes
    }
plans-up-to-workspaces =
    { $limit ->
        [one] Jusqu’à { $limit } espace de travail
       *[other] Jusqu’à { $limit } espaces de travail
    }
plans-used-by = Utilisée par
plans-workspaces = Espaces de travail dans une organisation

## Page: a password link

reset-again = Demander un nouveau lien
reset-choose = Choisissez un nouveau mot de passe pour { $email }, puis utilisez-le pour vous connecter. Le lien fonctionne une seule fois.
reset-choose-for-code = Si l’authentification unique ne fonctionne pas, utilisez le mot de passe avec un code de récupération.
reset-choose-only = Choisissez un nouveau mot de passe pour { $email }. Le lien ne fonctionne qu’une seule fois.
reset-confirm = { $email } a été ajouté comme opérateur de cette installation de Vestibule. Saisissez votre mot de passe actuel pour confirmer votre identité. Votre mot de passe et vos sessions restent inchangés.
reset-confirm-title = Devenir opérateur
reset-confirmed = Vous êtes maintenant opérateur. Connectez-vous avec votre mot de passe.
reset-done = Votre mot de passe est défini.
reset-first = Vous n’avez pas encore de mot de passe. Ce lien définit le premier.
reset-forgot = { $question } Définissez-en un nouveau, puis ouvrez à nouveau ce lien.
reset-opens-nothing = Le mot de passe ne donne actuellement accès à rien. Adressez-vous à un administrateur de votre organisation.
reset-over = Ce lien a déjà servi ou a expiré.
reset-over-set = Si vous avez déjà défini votre mot de passe avec ce lien, { $link }.
reset-over-sign-in = connectez-vous
reset-sessions-end = Vous serez déconnecté partout.
reset-set = Définir le mot de passe
reset-sso = Se connecter à { $organisation } via le SSO
reset-sso-only = { $organisation } exige l’authentification unique. Un mot de passe seul n’y donne pas accès.
reset-sso-unconfirmed = { $organisation } n’accepte pas ce mot de passe : vous l’avez rejointe via l’authentification unique, et ce lien ne vous a pas été envoyé par e-mail.
reset-title = Définissez votre mot de passe

## Page: first run

setup-lead = Une minute suffit : qui vous êtes, et la première organisation. Les étapes suivantes s’affichent ensuite.
setup-done-already = Vestibule est déjà configuré. Connectez-vous.
setup-organisation = Votre organisation
setup-organisation-lead = L’entreprise dont les personnes se connectent ici. Vous en êtes l’administrateur, et elle reçoit un premier espace de travail du même nom. D’autres organisations pourront suivre.
setup-over = Ce lien de première configuration a déjà servi, ou un lien plus récent a été affiché.
setup-over-next = Si Vestibule est déjà configuré, connectez-vous. Sinon, ouvrez le lien affiché à son dernier démarrage ; chaque démarrage en affiche un nouveau.
setup-short-title = Configuration
setup-title = Configurer Vestibule
setup-you = Vous
setup-you-lead = Vous devenez le premier opérateur, c’est-à-dire la personne qui gère Vestibule.

## Page: single sign-on

sso-asleep = Configuration SSO conservée
sso-asleep-lead = Cette configuration SSO est conservée mais inactive. Elle refonctionnera telle quelle dès que l’offre inclura le SSO.
sso-lead = SAML 2.0, pour tous les espaces de travail de { $name }, y compris les futurs.
sso-needs-enterprise = L’authentification unique est incluse dans l’offre Enterprise.
sso-nobody-yet = Personne ne se connecte encore via le SSO.
sso-nobody-yet-admins = Tant que le SSO n’est pas prêt, seuls les administrateurs de l’organisation se connectent, avec un mot de passe.
sso-nobody-yet-members = Les membres continuent de se connecter comme avant.
sso-on-plan = { $name } a l’offre { $plan }, avec laquelle les membres se connectent avec un mot de passe.
sso-provider = Fournisseur
sso-sign-on-url = URL de connexion

## Page: single sign-on, set up through a link

sso-setup-before = Des paramètres ont déjà été saisis.
sso-setup-before-next = Vérifiez-les ou remplacez-les, jusqu’au { $at } au plus tard. Un administrateur de { $organisation } les testera ensuite par une connexion.
sso-setup-close = Vous pouvez fermer cette page.
sso-setup-done = L’authentification unique est configurée
sso-setup-lead = { $organisation } vous demande de connecter son fournisseur d’identité via SAML 2.0. Vous n’avez pas besoin de compte ici ; ce lien fonctionne jusqu’au { $at }.
sso-setup-no-plan = Cette offre n’inclut pas l’authentification unique
sso-setup-open-again = Ouvrez à nouveau le lien d’origine.
sso-setup-over = Ce lien de configuration ne fonctionne plus
sso-setup-saved = Les paramètres sont enregistrés.
sso-setup-saved-next = Un administrateur de { $organisation } va maintenant les tester par une connexion. Les administrateurs reçoivent un e-mail si un serveur de messagerie est configuré ; prévenez-les aussi vous-même. D’ici là, vous pouvez encore modifier les paramètres ici, jusqu’au { $at } au plus tard.
sso-setup-title = Configurer l’authentification unique

## Page: a workspace

workspace-account = Nom, mot de passe, sessions
workspace-account-without-password = Langue, couleurs, sessions
workspace-all-of = Tous les espaces de travail de { $name }
workspace-applications = Ajouter des applications, et voir qui les ouvre
workspace-member-count =
    { $count ->
        [one] { $count } membre.
       *[other] { $count } membres.
    }
workspace-members = Personnes, rôles et invitations
workspace-not-a-member = Vous n’êtes pas membre.
workspace-role = Vous avez ici le rôle { $role }.
workspace-sso = Permettre aux membres de se connecter avec votre fournisseur d’identité

## Page: workspaces of an organisation

workspaces-command-name = Son nom dans la ligne de commande
workspaces-create = Créer l’espace de travail
workspaces-created = L’espace de travail { $name } est créé.
workspaces-delete = Supprimer l’espace de travail
workspaces-deleted = L’espace de travail { $name } est supprimé.
workspaces-invite-to = Inviter des personnes dans { $name }
workspaces-lead = Les personnes sont membres d’espaces de travail, avec un rôle dans chacun. Pour inviter des personnes, utilisez « Inviter des personnes » à côté d’un espace de travail ou sous Personnes.
workspaces-limit = L’offre { $plan } en autorise { $limit }.
workspaces-members-of = Membres de { $name }
workspaces-new = Nouvel espace de travail
workspaces-new-lead = L’authentification unique s’y applique dès le début.
workspaces-new-name = Nouveau nom
workspaces-none = Aucun espace de travail pour l’instant. Créez le premier ci-dessous.
workspaces-rename = Renommer
workspaces-rename-of = Renommer { $name }
workspaces-renamed = L’espace de travail est renommé.
## Console: languages

account-language-of-browser = Selon votre navigateur
language = Langue
organisation-language = Langue de l’organisation
organisation-language-about = Pour les e-mails aux personnes qui n’ont pas choisi de langue, et pour les pages si leur navigateur ne demande aucune langue proposée.
organisation-language-save = Enregistrer la langue
organisation-language-saved = La langue est enregistrée.
